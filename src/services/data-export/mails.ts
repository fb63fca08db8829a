import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** That the copy of somebody's data can be fetched; the data itself is never mailed. */
export function dataReadyMail({
  site,
  words,
  to,
  name,
  link,
  expiresAt,
}: {
  site: MailSite;
  words: Words;
  to: string;
  name: string;
  link: string;
  /** Until when the copy is kept. */
  expiresAt: Date;
}): MailMessage {
  const day = words.day(expiresAt, 'long');
  return {
    to,
    expiresAt,
    subject: words('Your data at {site} is ready', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name }),
      paragraphs: [
        words(
          'The copy of your data at {site} that you asked for is ready. You can download it until {day}, signed in to your account.',
          { site: site.name, day },
        ),
      ],
      button: { label: words('Go to your data'), href: link },
      closing: words('If it was not you who asked for this, change your password.'),
    }),
  };
}
