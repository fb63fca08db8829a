import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

interface Envelope {
  site: MailSite;
  to: string;
  name: string;
  expiresAt: Date;
}

/** To the new address: the link and the code, either of which confirms it. */
export function confirmNewAddressMail(
  options: Envelope & { link: string; code: string; lifeMinutes: number },
): MailMessage {
  const { site, to, name, expiresAt, link, code, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: `Confirm your new e-mail address for ${site.name}`,
    ...renderMail({
      site,
      greeting: `Hello ${name}!`,
      paragraphs: [
        `This is to become the e-mail address of your account at ${site.name}. Enter this code on the page that asks for it, or open the link.`,
      ],
      code,
      button: { label: 'Confirm this address', href: link },
      closing: `Code and link work once, for ${lifeMinutes} minutes. If it was not you who asked for this, you can ignore this mail: nothing happens.`,
    }),
  };
}

/** To an address that has an account already: nobody but the reader of this mailbox hears of it. */
export function addressInUseMail({ site, to, expiresAt }: Omit<Envelope, 'name'>): MailMessage {
  return {
    to,
    expiresAt,
    subject: `This address already has an account at ${site.name}`,
    ...renderMail({
      site,
      greeting: 'Hello!',
      paragraphs: [
        `Somebody, probably you, wanted to use this e-mail address for another account at ${site.name}. It belongs to an account already, so nothing was changed.`,
      ],
      closing: 'If it was not you who asked for this, you can ignore this mail.',
    }),
  };
}

/** To the old address, before anything changes: with a way to stop it. */
export function stopChangeMail(options: Envelope & { newEmail: string; link: string }): MailMessage {
  const { site, to, name, expiresAt, newEmail, link } = options;
  return {
    to,
    expiresAt,
    subject: `Your e-mail address at ${site.name} is about to change`,
    ...renderMail({
      site,
      greeting: `Hello ${name}!`,
      paragraphs: [
        `Somebody who knows your password asked to change the e-mail address of your account at ${site.name} to ${newEmail}.`,
        'If it was you, there is nothing to do here.',
      ],
      button: { label: 'This was not me: stop it', href: link },
      closing: 'If it was not you, stop it and change your password.',
    }),
  };
}

/** To the old address, after the change. */
export function changedAddressMail(options: Envelope & { newEmail: string }): MailMessage {
  const { site, to, name, expiresAt, newEmail } = options;
  return {
    to,
    expiresAt,
    subject: `Your e-mail address at ${site.name} was changed`,
    ...renderMail({
      site,
      greeting: `Hello ${name}!`,
      paragraphs: [
        `The e-mail address of your account at ${site.name} is now ${newEmail}. Mail goes there from now on.`,
      ],
      closing: 'If this was not your wish, ask for help at once.',
    }),
  };
}
