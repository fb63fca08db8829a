import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

const unasked = 'If it was not you who asked for this, you can ignore this mail: nothing happens.';

/** To somebody new: the link and the code, either of which confirms the address. */
export function confirmationMail(options: {
  site: MailSite;
  words: Words;
  to: string;
  link: string;
  code: string;
  expiresAt: Date;
  lifeMinutes: number;
}): MailMessage {
  const { site, words, to, link, code, expiresAt, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: words('Confirm your e-mail address for {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Welcome!'),
      paragraphs: [
        words(
          'You are about to create an account at {site}. Enter this code on the page that asks for it, or open the link.',
          { site: site.name },
        ),
      ],
      code,
      button: { label: words('Confirm and continue'), href: link },
      closing: `${words('Code and link work for {count} minutes.', { count: lifeMinutes })} ${words(unasked)}`,
    }),
  };
}

/** To somebody who has an account already: the page says the same to both, so that it tells nobody who has one. */
export function existingAccountMail(options: {
  site: MailSite;
  words: Words;
  to: string;
  publicUrl: string;
  expiresAt: Date;
}): MailMessage {
  const { site, words, to, publicUrl, expiresAt } = options;
  return {
    to,
    expiresAt,
    subject: words('You already have an account at {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello!'),
      paragraphs: [
        words(
          'Somebody, probably you, wanted to create an account at {site} with this e-mail address. You have one already: sign in with it.',
          { site: site.name },
        ),
        words('If you forgot the password, choose a new one at {address}', { address: `${publicUrl}/password/reset` }),
      ],
      button: { label: words('Sign in'), href: `${publicUrl}/login` },
      closing: words(unasked),
    }),
  };
}
