import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

interface Envelope {
  site: MailSite;
  words: Words;
  to: string;
  name: string;
  expiresAt: Date;
}

/** To the new address: the link and the code, either of which confirms it. */
export function confirmNewAddressMail(
  options: Envelope & { link: string; code: string; lifeMinutes: number },
): MailMessage {
  const { site, words, to, name, expiresAt, link, code, lifeMinutes } = options;
  return {
    to,
    expiresAt,
    subject: words('Confirm your new e-mail address for {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name }),
      paragraphs: [
        words(
          'This is to become the e-mail address of your account at {site}. Enter this code on the page that asks for it, or open the link.',
          { site: site.name },
        ),
      ],
      code,
      button: { label: words('Confirm this address'), href: link },
      closing: words(
        'Code and link work once, for {count} minutes. If it was not you who asked for this, you can ignore this mail: nothing happens.',
        { count: lifeMinutes },
      ),
    }),
  };
}

/** To an address that has an account already: nobody but the reader of this mailbox hears of it. */
export function addressInUseMail({ site, words, to, expiresAt }: Omit<Envelope, 'name'>): MailMessage {
  return {
    to,
    expiresAt,
    subject: words('This address already has an account at {site}', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello!'),
      paragraphs: [
        words(
          'Somebody, probably you, wanted to use this e-mail address for another account at {site}. It belongs to an account already, so nothing was changed.',
          { site: site.name },
        ),
      ],
      closing: words('If it was not you who asked for this, you can ignore this mail.'),
    }),
  };
}

/** To the old address, before anything changes: with a way to stop it. */
export function stopChangeMail(options: Envelope & { newEmail: string; link: string }): MailMessage {
  const { site, words, to, name, expiresAt, newEmail, link } = options;
  return {
    to,
    expiresAt,
    subject: words('Your e-mail address at {site} is about to change', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name }),
      paragraphs: [
        words(
          'Somebody who knows your password asked to change the e-mail address of your account at {site} to {email}.',
          { site: site.name, email: newEmail },
        ),
        words('If it was you, there is nothing to do here.'),
      ],
      button: { label: words('This was not me: stop it'), href: link },
      closing: words('If it was not you, stop it and change your password.'),
    }),
  };
}

/** To the old address, after the change. */
export function changedAddressMail(options: Envelope & { newEmail: string }): MailMessage {
  const { site, words, to, name, expiresAt, newEmail } = options;
  return {
    to,
    expiresAt,
    subject: words('Your e-mail address at {site} was changed', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name }),
      paragraphs: [
        words('The e-mail address of your account at {site} is now {email}. Mail goes there from now on.', {
          site: site.name,
          email: newEmail,
        }),
      ],
      closing: words('If this was not your wish, ask for help at once.'),
    }),
  };
}
