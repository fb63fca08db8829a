import type { Account } from '../../entities/account.entity.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

const dayMs = 24 * 3_600_000;
/** Longer than any mail server is away. */
const noticeLifeMs = 7 * dayMs;

interface Notice {
  site: MailSite;
  account: Pick<Account, 'email' | 'name'>;
  now: Date;
}

/** To somebody who asked for the deletion of their account: what happens when, and how to take it back. */
export function deletionRequestedMail(options: Notice & { dueAt: Date; cancelLink: string }): MailMessage {
  const { site, account, now, dueAt, cancelLink } = options;
  const day = formatDay(dueAt);
  return {
    to: account.email,
    expiresAt: new Date(Math.max(now.getTime() + dayMs, dueAt.getTime())),
    subject: `Your account at ${site.name} will be deleted on ${day}`,
    ...renderMail({
      site,
      greeting: `Hello ${account.name}!`,
      paragraphs: [
        `You asked to delete your account at ${site.name}. It will be closed on ${day} (${formatTime(dueAt)} UTC).`,
        'Until then everything works as before, and you can change your mind: on your account page, or by this link.',
        'On that day you are signed out everywhere, your account at the learning site is closed too, and your name, e-mail address, profile and sign-in data are erased. This cannot be undone. Your username is not given to anybody else.',
        'If you want a copy of your data, ask for it on your account page before that day.',
      ],
      button: { label: 'Keep my account', href: cancelLink },
      closing: 'If it was not you who asked for this, keep the account by the link and change your password at once.',
    }),
  };
}

/** That the account stays. */
export function deletionCanceledMail({ site, account, now }: Notice): MailMessage {
  return {
    to: account.email,
    expiresAt: new Date(now.getTime() + noticeLifeMs),
    subject: `Your account at ${site.name} stays`,
    ...renderMail({
      site,
      greeting: `Hello ${account.name}!`,
      paragraphs: [`Your account at ${site.name} will not be deleted. Nothing was changed.`],
      closing: 'If it was not you who decided this, change your password.',
    }),
  };
}

/** The last mail that somebody gets. */
export function retiredMail({ site, account, now }: Notice): MailMessage {
  return {
    to: account.email,
    expiresAt: new Date(now.getTime() + noticeLifeMs),
    subject: `Your account at ${site.name} was deleted`,
    ...renderMail({
      site,
      greeting: `Hello ${account.name}!`,
      paragraphs: [
        `Your account at ${site.name} was closed for good, and your personal data here was erased. Nobody can sign in with it any more.`,
      ],
      closing: 'This is the last mail that you get from us.',
    }),
  };
}

export function formatDay(date: Date): string {
  return date.toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' });
}

function formatTime(date: Date): string {
  return date.toLocaleTimeString('en', { timeStyle: 'short', timeZone: 'UTC' });
}
