import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** To an address that is blocked here: nobody but the reader of this mailbox hears of it. */
export function blockedAddressMail({
  site,
  words,
  to,
  expiresAt,
}: {
  site: MailSite;
  words: Words;
  to: string;
  expiresAt: Date;
}): MailMessage {
  return {
    to,
    expiresAt,
    subject: words('This address cannot be used at {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello!'),
      paragraphs: [
        words(
          'Somebody, probably you, wanted to use this e-mail address for an account at {site}. It was blocked there, so nothing was done.',
          { site: site.name },
        ),
        words('Ask for help if you think that this is a mistake.'),
      ],
      closing: words('If it was not you who asked for this, you can ignore this mail.'),
    }),
  };
}
