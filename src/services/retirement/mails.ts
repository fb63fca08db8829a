import type { Account } from '../../entities/account.entity.js';
import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

const dayMs = 24 * 3_600_000;
/** Longer than any mail server is away. */
const noticeLifeMs = 7 * dayMs;

interface Notice {
  site: MailSite;
  words: Words;
  account: Pick<Account, 'email' | 'name'>;
  now: Date;
}

/** To somebody who asked for the deletion of their account: what happens when, and how to take it back. */
export function deletionRequestedMail(options: Notice & { dueAt: Date; cancelLink: string }): MailMessage {
  const { site, words, account, now, dueAt, cancelLink } = options;
  const day = words.day(dueAt, 'long');
  return {
    to: account.email,
    expiresAt: new Date(Math.max(now.getTime() + dayMs, dueAt.getTime())),
    subject: words('Your account at {site} will be deleted on {day}', { site: site.name, day }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name: account.name }),
      paragraphs: [
        words('You asked to delete your account at {site}. It will be closed on {day} ({time}).', {
          site: site.name,
          day,
          time: words.time(dueAt),
        }),
        words(
          'Until then everything works as before, and you can change your mind: on your account page, or by this link.',
        ),
        words(
          'On that day you are signed out everywhere, your account at the learning site is closed too, and your name, e-mail address, profile and sign-in data are erased. This cannot be undone. Your username is not given to anybody else.',
        ),
        words('If you want a copy of your data, ask for it on your account page before that day.'),
      ],
      button: { label: words('Keep my account'), href: cancelLink },
      closing: words(
        'If it was not you who asked for this, keep the account by the link and change your password at once.',
      ),
    }),
  };
}

/** That the account stays. */
export function deletionCanceledMail({ site, words, account, now }: Notice): MailMessage {
  return {
    to: account.email,
    expiresAt: new Date(now.getTime() + noticeLifeMs),
    subject: words('Your account at {site} stays', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name: account.name }),
      paragraphs: [words('Your account at {site} will not be deleted. Nothing was changed.', { site: site.name })],
      closing: words('If it was not you who decided this, change your password.'),
    }),
  };
}

/** The last mail that somebody gets. */
export function retiredMail({ site, words, account, now }: Notice): MailMessage {
  return {
    to: account.email,
    expiresAt: new Date(now.getTime() + noticeLifeMs),
    subject: words('Your account at {site} was deleted', { site: site.name }),
    ...renderMail({
      site,
      words,
      greeting: words('Hello {name}!', { name: account.name }),
      paragraphs: [
        words(
          'Your account at {site} was closed for good, and your personal data here was erased. Nobody can sign in with it any more.',
          { site: site.name },
        ),
      ],
      closing: words('This is the last mail that you get from us.'),
    }),
  };
}
