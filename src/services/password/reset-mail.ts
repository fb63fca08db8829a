import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** To the owner of an account: the link to choose a new password by. */
export function passwordResetMail(options: {
  site: MailSite;
  to: string;
  name: string;
  link: string;
  expiresAt: Date;
  lifeMinutes: number;
}): MailMessage {
  const { site, to, name, link, expiresAt, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: `Choose a new password for ${site.name}`,
    ...renderMail({
      site,
      greeting: `Hello ${name}!`,
      paragraphs: [`Somebody, probably you, asked for a new password for your account at ${site.name}.`],
      button: { label: 'Choose a new password', href: link },
      closing: `The link works once, for ${lifeMinutes} minutes. If it was not you who asked for it, you can ignore this mail: your password stays as it is.`,
    }),
  };
}
