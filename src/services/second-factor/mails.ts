import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';

type Owner = Pick<Account, 'email' | 'name'>;

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
  const tell = (tx: EntityManager, { email, name }: Owner, subject: string, paragraphs: string[]) =>
    mail.send(tx, {
      to: email,
      subject,
      expiresAt: new Date(clock().getTime() + noticeLifeMs),
      ...renderMail({
        site,
        greeting: `Hello ${name}!`,
        paragraphs,
        button: { label: 'Look at your account', href: `${publicUrl}/account` },
        closing: 'If this was not your wish, change your password and ask for help at once.',
      }),
    });

  return {
    added: (tx, owner, factor) =>
      tell(
        tx,
        owner,
        factor.kind === 'PASSKEY' ? `A passkey was added at ${site.name}` : `An app was added at ${site.name}`,
        [`${describe(factor)} was added to your account at ${site.name}, and can be used to sign in from now on.`],
      ),
    removed: (tx, owner, factor) =>
      tell(
        tx,
        owner,
        factor.kind === 'PASSKEY' ? `A passkey was removed at ${site.name}` : `An app was removed at ${site.name}`,
        [`${describe(factor)} was removed from your account at ${site.name}, and opens it no longer.`],
      ),
    codesRenewed: (tx, owner) =>
      tell(tx, owner, `New recovery codes at ${site.name}`, [
        `New recovery codes were made for your account at ${site.name}. The former ones no longer work.`,
      ]),
    suspended: (tx, owner, passkeyName) =>
      tell(tx, owner, `A passkey was stopped at ${site.name}`, [
        `Your passkey “${passkeyName}” was used in a way that suggests a copy of it, so it no longer opens your account at ${site.name}.`,
        'Sign in another way, remove this passkey, and add a new one.',
      ]),
    removedByOfficial: (tx, owner) =>
      tell(tx, owner, `Two-step sign-in was turned off at ${site.name}`, [
        `An administrator removed the authenticator app, the passkeys and the recovery codes of your account at ${site.name}. You were signed out everywhere.`,
        'Your password alone signs you in now. Sign in and set up a second step again.',
      ]),
  };
}

function describe({ kind, name }: NamedFactor): string {
  return kind === 'PASSKEY' ? `The passkey “${name}”` : 'An authenticator app';
}
