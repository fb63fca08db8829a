import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** To the owner of an account: the link to choose a new password by. */
export function passwordResetMail(options: {
  site: MailSite;
  words: Words;
  to: string;
  name: string;
  link: string;
  expiresAt: Date;
  lifeMinutes: number;
}): MailMessage {
  const { site, words, to, name, link, expiresAt, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: words('Choose a new password for {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name }),
      paragraphs: [
        words('Somebody, probably you, asked for a new password for your account at {site}.', { site: site.name }),
      ],
      button: { label: words('Choose a new password'), href: link },
      closing: words(
        'The link works once, for {count} minutes. If it was not you who asked for it, you can ignore this mail: your password stays as it is.',
        { count: lifeMinutes },
      ),
    }),
  };
}
