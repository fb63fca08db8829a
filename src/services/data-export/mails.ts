import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** That the copy of somebody's data can be fetched; the data itself is never mailed. */
export function dataReadyMail({
  site,
  to,
  name,
  link,
  expiresAt,
}: {
  site: MailSite;
  to: string;
  name: string;
  link: string;
  /** Until when the copy is kept. */
  expiresAt: Date;
}): MailMessage {
  const day = expiresAt.toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' });
  return {
    to,
    expiresAt,
    subject: `Your data at ${site.name} is ready`,
    ...renderMail({
      site,
      greeting: `Hello ${name}!`,
      paragraphs: [
        `The copy of your data at ${site.name} that you asked for is ready. You can download it until ${day}, signed in to your account.`,
      ],
      button: { label: 'Go to your data', href: link },
      closing: 'If it was not you who asked for this, change your password.',
    }),
  };
}
