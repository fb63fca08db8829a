import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import type { Words } from '../../words/words.js';
import { wordsForAccount } from '../mail/language.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';

type Owner = Pick<Account, 'email' | 'name' | 'profile' | 'locale'>;

/** A second factor as a mail names it. */
export interface NamedFactor {
  kind: 'AUTHENTICATOR_APP' | 'PASSKEY';
  name: string;
}

/** What the owner of an account hears of its second factors. Each goes out when the transaction of the act commits. */
export interface SecondFactorMails {
  added(tx: EntityManager, owner: Owner, factor: NamedFactor): Promise<void>;
  removed(tx: EntityManager, owner: Owner, factor: NamedFactor): Promise<void>;
  codesRenewed(tx: EntityManager, owner: Owner): Promise<void>;
  /** @param passkeyName - as its owner calls it */
  suspended(tx: EntityManager, owner: Owner, passkeyName: string): Promise<void>;
  /** An administrator removed all of them. */
  removedByOfficial(tx: EntityManager, owner: Owner): Promise<void>;
}

const noticeLifeMs = 7 * 24 * 3_600_000;

export function createSecondFactorMails({
  mail,
  clock,
  site,
  publicUrl,
}: {
  mail: Pick<MailService, 'send'>;
  clock: Clock;
  site: MailSite;
  publicUrl: string;
}): SecondFactorMails {
  const tell = (
    tx: EntityManager,
    owner: Owner,
    write: (words: Words) => { subject: string; paragraphs: string[] },
  ) => {
    const words = wordsForAccount(site, owner);
    const { subject, paragraphs } = write(words);
    return mail.send(tx, {
      to: owner.email,
      subject,
      expiresAt: new Date(clock().getTime() + noticeLifeMs),
      ...renderMail({
        site,
        words,
        greeting: words('Hello {name}!', { name: owner.name }),
        paragraphs,
        button: { label: words('Look at your account'), href: `${publicUrl}/account` },
        closing: words('If this was not your wish, change your password and ask for help at once.'),
      }),
    });
  };

  const siteName = { site: site.name };

  return {
    added: (tx, owner, { kind, name }) =>
      tell(tx, owner, (words) =>
        kind === 'PASSKEY'
          ? {
              subject: words('A passkey was added at {site}', siteName),
              paragraphs: [
                words(
                  'The passkey “{name}” was added to your account at {site}, and can be used to sign in from now on.',
                  { name, ...siteName },
                ),
              ],
            }
          : {
              subject: words('An app was added at {site}', siteName),
              paragraphs: [
                words(
                  'An authenticator app was added to your account at {site}, and can be used to sign in from now on.',
                  siteName,
                ),
              ],
            },
      ),
    removed: (tx, owner, { kind, name }) =>
      tell(tx, owner, (words) =>
        kind === 'PASSKEY'
          ? {
              subject: words('A passkey was removed at {site}', siteName),
              paragraphs: [
                words('The passkey “{name}” was removed from your account at {site}, and opens it no longer.', {
                  name,
                  ...siteName,
                }),
              ],
            }
          : {
              subject: words('An app was removed at {site}', siteName),
              paragraphs: [
                words(
                  'An authenticator app was removed from your account at {site}, and opens it no longer.',
                  siteName,
                ),
              ],
            },
      ),
    codesRenewed: (tx, owner) =>
      tell(tx, owner, (words) => ({
        subject: words('New recovery codes at {site}', siteName),
        paragraphs: [
          words('New recovery codes were made for your account at {site}. The former ones no longer work.', siteName),
        ],
      })),
    suspended: (tx, owner, name) =>
      tell(tx, owner, (words) => ({
        subject: words('A passkey was stopped at {site}', siteName),
        paragraphs: [
          words(
            'Your passkey “{name}” was used in a way that suggests a copy of it, so it no longer opens your account at {site}.',
            { name, ...siteName },
          ),
          words('Sign in another way, remove this passkey, and add a new one.'),
        ],
      })),
    removedByOfficial: (tx, owner) =>
      tell(tx, owner, (words) => ({
        subject: words('Two-step sign-in was turned off at {site}', siteName),
        paragraphs: [
          words(
            'An administrator removed the authenticator app, the passkeys and the recovery codes of your account at {site}. You were signed out everywhere.',
            siteName,
          ),
          words('Your password alone signs you in now. Sign in and set up a second step again.'),
        ],
      })),
  };
}
