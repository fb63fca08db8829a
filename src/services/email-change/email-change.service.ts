import { randomInt } from 'node:crypto';
import { type EntityManager, LockMode, type MikroORM, type RawQueryFragment, raw } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isEqualSecret, keyedHash, randomSecret, sha256 } from '../../crypto/hash.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type EmailChange, EmailChangeEntity } from '../../entities/email-change.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { Language } from '../../words/languages.js';
import type { Official } from '../account/account-lifecycle.service.js';
import { requireNotRetired } from '../account/administrators.js';
import { blockedAddressMail } from '../account/blocked-address-mail.js';
import type { BlockedEmails } from '../account/blocked-emails.js';
import { withTypedConflicts } from '../account/creation.js';
import { requireRank } from '../account/rank.js';
import { parseEmail } from '../account/rules.js';
import type { Actor } from '../actor.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailThrottle } from '../mail/throttle.js';
import type { Proof } from '../second-factor/changes.js';
import { addressInUseMail, confirmNewAddressMail, stopChangeMail } from './mails.js';
import { type ReplaceEmailDeps, replaceEmail } from './replace-email.js';

/**
 * A new e-mail address for an account. The person says their password, shows a second factor where there is one, then shows that they read mail at the new address; the
 * old one is told before and after, and can stop it. Whether an address has an account already is told at that address only.
 */
export interface EmailChangeService {
  /**
   * Sends the mails. A second request replaces the first.
   *
   * @param request - with the language of the mails, where the door knows it; else it is that of the account
   * @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG`, `PASSKEY_WRONG`, `EMAIL_INVALID`, `EMAIL_UNCHANGED`
   * @throws RateLimitedError for too many wrong passwords, codes or mails
   */
  begin(
    accountId: string,
    request: Pick<Proof, 'password' | 'address'> & Partial<Proof> & { email: string; language?: Language },
  ): Promise<Account>;
  /** The address that waits for confirmation. */
  pending(accountId: string): Promise<string | undefined>;
  /**
   * @throws {@link InvalidInputError} `CODE_WRONG`, or `CODE_EXPIRED`, also after five wrong ones; `EMAIL_TAKEN` when
   * somebody else was faster, `EMAIL_BLOCKED`
   */
  confirmByCode(accountId: string, code: string, actor: Actor): Promise<Account>;
  /** The address that a link confirms, if it still does. */
  findByLink(token: string): Promise<string | undefined>;
  /** @throws {@link InvalidInputError} `LINK_EXPIRED`, `EMAIL_TAKEN`, `EMAIL_BLOCKED` */
  confirmByLink(token: string, address: string): Promise<Account>;
  /** Whether there is anything that this token stops. */
  canStop(token: string): Promise<boolean>;
  /** @throws {@link InvalidInputError} `LINK_EXPIRED` when there is nothing to stop */
  stop(token: string, address: string): Promise<void>;
  /**
   * Sets an address for somebody else; nobody has shown that they read mail there.
   *
   * @throws {@link NotFoundError}, ForbiddenError when the account has a role that the official has not, ConflictError when it is
   * retired
   * @throws {@link InvalidInputError} `EMAIL_INVALID`, `EMAIL_TAKEN`, `EMAIL_BLOCKED`
   */
  replace(accountId: string, email: string, by: Official): Promise<Account>;
}

const lifeMinutes = 30;
const codeAttempts = 5;

export function createEmailChangeService(
  deps: {
    orm: MikroORM;
    clock: Clock;
    /** Secrets of the process, newest first. */
    keys: readonly [string, ...string[]];
    mailThrottle: MailThrottle;
    /** @throws when it is not the person */
    prove(accountId: string, proof: Proof): Promise<void>;
    publicUrl: string;
    blockedEmails: BlockedEmails;
  } & ReplaceEmailDeps,
): EmailChangeService {
  const { orm, clock, keys, mail, mailThrottle, prove, blockedEmails, audit, publicUrl, site } = deps;
  const codeHash = (key: string, id: string, code: string) => keyedHash(key, 'email-change-code', `${id}:${code}`);
  const findLive = (where: { accountId: string } | { linkHash: string } | { stopHash: string }) =>
    orm.em.fork().findOne(EmailChangeEntity, { ...where, expiresAt: { $gt: clock() } });

  /** Takes the row, which only one can, and gives its account the address. */
  const finish = (change: EmailChange, actor: Actor) =>
    withTypedConflicts(() =>
      orm.em.fork().transactional(async (tx) => {
        const account = await lock(tx, change.accountId);
        const isFirst = (await tx.nativeDelete(EmailChangeEntity, { id: change.id })) === 1;
        if (!isFirst || account.status !== 'ACTIVE') throw expired();
        await replaceEmail(tx, account, { email: change.email, isVerified: true, now: clock() }, actor, deps);
        return account;
      }),
    );

  return {
    begin: async (
      accountId,
      { email: typed, language, code: typedCode = '', passkey = '', browser = '', ...shown },
    ) => {
      const email = parseEmail(typed);
      const { address } = shown;
      const account = await orm.em.fork().findOne(AccountEntity, { id: accountId });
      if (!account) throw new NotFoundError('There is no such account.');
      await prove(accountId, { ...shown, code: typedCode, passkey, browser });
      if (email === account.email)
        throw new InvalidInputError('This is your e-mail address already.', {
          field: ['email'],
          reason: 'EMAIL_UNCHANGED',
        });
      await mailThrottle.admit(email, address);
      const [linkToken, stopToken, code] = [
        randomSecret(),
        randomSecret(),
        String(randomInt(1_000_000)).padStart(6, '0'),
      ];
      const expiresAt = new Date(clock().getTime() + lifeMinutes * 60_000);
      await orm.em.fork().transactional(async (tx) => {
        const { passwordChangedAt } = await lock(tx, accountId);
        // With a new password since then, what was shown is not the present one any more.
        if (passwordChangedAt?.getTime() !== account.passwordChangedAt?.getTime())
          throw refusal('WRONG_PASSWORD', 'This is not your current password.', ['currentPassword']);
        const isSame = email.toLowerCase() === account.email.toLowerCase();
        const others = await tx.count(AccountEntity, { [raw('lower(email)')]: raw('lower(?)', [email]) });
        const isBlocked = await blockedEmails.isBlocked(tx, email);
        await tx.nativeDelete(EmailChangeEntity, { accountId });
        const row = tx.create(EmailChangeEntity, {
          accountId,
          email,
          linkHash: sha256(linkToken),
          stopHash: sha256(stopToken),
          codeHash: '',
          expiresAt,
        });
        await tx.persist(row).flush();
        row.codeHash = codeHash(keys[0], row.id, code);
        const to = { site, words: wordsForAccount(site, account, language), to: email, name: account.name, expiresAt };
        const link = `${publicUrl}/account/email/confirm?token=${linkToken}`;
        const isTaken = others > 0 && !isSame;
        const refused = isBlocked ? blockedAddressMail(to) : isTaken ? addressInUseMail(to) : undefined;
        await mail.send(tx, refused ?? confirmNewAddressMail({ ...to, link, code, lifeMinutes }));
        const stopLink = `${publicUrl}/account/email/stop?token=${stopToken}`;
        await mail.send(tx, stopChangeMail({ ...to, to: account.email, newEmail: email, link: stopLink }));
        const actor = { accountId, address };
        await audit.record({ action: 'account.email-change-requested', outcome: 'success', actor }, tx);
      });
      return account;
    },
    pending: async (accountId) => (await findLive({ accountId }))?.email,
    confirmByCode: async (accountId, typed, actor) => {
      const row = await findLive({ accountId });
      // Counted before it is compared, so that parallel guesses count too.
      const counted =
        row &&
        (await orm.em
          .fork()
          .nativeUpdate(
            EmailChangeEntity,
            { id: row.id, codeAttempts: { $lt: codeAttempts } },
            { codeAttempts: raw<RawQueryFragment>('code_attempts + 1') },
          ));
      if (!row || !counted)
        throw refusal('CODE_EXPIRED', 'This code is not valid any more. Ask for a new one.', ['code']);
      const code = typed.replace(/\s/g, '');
      if (!keys.some((key) => isEqualSecret(row.codeHash, codeHash(key, row.id, code))))
        throw refusal('CODE_WRONG', 'This is not the code from the newest mail.', ['code']);
      return finish(row, actor);
    },
    findByLink: async (token) => (await findLive({ linkHash: sha256(token) }))?.email,
    confirmByLink: async (token, address) => {
      const row = await findLive({ linkHash: sha256(token) });
      if (!row) throw expired();
      return finish(row, { accountId: row.accountId, address });
    },
    canStop: async (token) => (await findLive({ stopHash: sha256(token) })) !== null,
    stop: (token, address) =>
      orm.em.fork().transactional(async (tx) => {
        const row = await tx.findOne(EmailChangeEntity, { stopHash: sha256(token), expiresAt: { $gt: clock() } });
        if (!row || (await tx.nativeDelete(EmailChangeEntity, { id: row.id })) === 0) throw expired();
        const actor = { accountId: row.accountId, address };
        await audit.record({ action: 'account.email-change-stopped', outcome: 'success', actor }, tx);
      }),
    replace: async (accountId, typed, by) => {
      const email = parseEmail(typed);
      return withTypedConflicts(() =>
        orm.em.fork().transactional(async (tx) => {
          const account = await lock(tx, accountId);
          requireRank(account, by.roles);
          requireNotRetired(account);
          if (email !== account.email)
            await replaceEmail(tx, account, { email, isVerified: false, now: clock() }, by.actor, deps);
          return account;
        }),
      );
    },
  };
}

async function lock(tx: EntityManager, accountId: string): Promise<Account> {
  const account = await tx.findOne(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!account) throw new NotFoundError('There is no such account.');
  return account;
}

function refusal(reason: string, message: string, field: string[] = []): InvalidInputError {
  return new InvalidInputError(message, { reason, field });
}

function expired(): InvalidInputError {
  return refusal('LINK_EXPIRED', 'This link has expired or was used already.');
}
