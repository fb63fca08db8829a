import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

const unasked = 'If it was not you who asked for this, you can ignore this mail: nothing happens.';

/** To somebody new: the link and the code, either of which confirms the address. */
export function confirmationMail(options: {
  site: MailSite;
  to: string;
  link: string;
  code: string;
  expiresAt: Date;
  lifeMinutes: number;
}): MailMessage {
  const { site, to, link, code, expiresAt, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: `Confirm your e-mail address for ${site.name}`,
    ...renderMail({
      site,
      greeting: 'Welcome!',
      paragraphs: [
        `You are about to create an account at ${site.name}. Enter this code on the page that asks for it, or open the link.`,
      ],
      code,
      button: { label: 'Confirm and continue', href: link },
      closing: `Code and link work for ${lifeMinutes} minutes. ${unasked}`,
    }),
  };
}

/** To somebody who has an account already: the page says the same to both, so that it tells nobody who has one. */
export function existingAccountMail(options: {
  site: MailSite;
  to: string;
  publicUrl: string;
  expiresAt: Date;
}): MailMessage {
  const { site, to, publicUrl, expiresAt } = options;
  return {
    to,
    expiresAt,
    subject: `You already have an account at ${site.name}`,
    ...renderMail({
      site,
      greeting: 'Hello!',
      paragraphs: [
        `Somebody, probably you, wanted to create an account at ${site.name} with this e-mail address. You have one already: sign in with it.`,
        `If you forgot the password, choose a new one at ${publicUrl}/password/reset`,
      ],
      button: { label: 'Sign in', href: `${publicUrl}/login` },
      closing: unasked,
    }),
  };
}
