import { LockMode, type MikroORM } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity, type AccountProfile } from '../../entities/account.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { Language } from '../../words/languages.js';
import { type Actor, callerOf } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import type { EdxLinkPlanner } from '../edx-link/planner.js';
import { enqueuePush } from '../edx-push/plan.js';
import { voidEmailChange } from '../email-change/void-email-change.js';
import { findEarlierResult, rememberResult } from '../idempotency.js';
import type { PasswordHasher } from '../password/hash.js';
import type { PasswordPolicy } from '../password/policy.js';
import { createProvePassword } from '../password/proof.js';
import { createReauthenticate, type Reauthenticate } from '../password/reauthenticate.js';
import { requireNotRetired } from './administrators.js';
import type { BlockedEmails } from './blocked-emails.js';
import { insertAccount, type NewAccount, prepareAccount, withTypedConflicts } from './creation.js';
import { type AccountReads, createAccountReads } from './reads.js';
import { parseName, parseProfile } from './rules.js';
import { type Authenticate, createAuthenticate } from './sign-in.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** Parts that are left out stay; `null` takes a part of the profile away. */
export interface ProfilePatch {
  name?: string | undefined;
  profile?: AccountProfile | undefined;
}

export type { Account };

export interface AccountService extends AccountReads {
  authenticate: Authenticate;
  reauthenticate: Reauthenticate;
  /**
   * Creates an account, its edX link and the job that makes the LMS account: all at once or nothing.
   *
   * @param options.idempotencyKey - a repeat with the same key answers the account that was made
   * @throws {@link InvalidInputError} naming the field; `EMAIL_TAKEN` and `USERNAME_TAKEN` also when a rival was faster,
   * `EMAIL_BLOCKED`
   */
  create(input: NewAccount, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<Account>;
  /**
   * Changes name and profile, and has the LMS told when that changed anything.
   *
   * @throws {@link InvalidInputError} by the rules of the LMS
   * @throws {@link NotFoundError} when there is no such account; ConflictError when it is retired
   */
  updateProfile(
    accountId: string,
    patch: ProfilePatch,
    actor: Actor,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<Account>;
  /** Keeps the language in which somebody reads pages. */
  setLocale(accountId: string, locale: Language): Promise<void>;
  /** Sets a password that was checked already. Ending the sessions is the caller's part. */
  setPassword(accountId: string, password: string, actor: Actor): Promise<void>;
  /**
   * Replaces the password of somebody who knows the present one. Ending the other sessions is the caller's part.
   *
   * @throws {@link InvalidInputError} `WRONG_PASSWORD`, or what the password policy says
   * @throws RateLimitedError when the present password was wrong too often
   */
  changePassword(accountId: string, current: string, next: string, address: string): Promise<void>;
}

export function createAccountService({
  orm,
  clock,
  hasher,
  policy,
  throttle,
  audit,
  events,
  edxLinks,
  blockedEmails,
}: {
  orm: MikroORM;
  clock: Clock;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  throttle: SignInThrottle;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'signInFailed'>;
  edxLinks: EdxLinkPlanner;
  blockedEmails: Pick<BlockedEmails, 'require'>;
}): AccountService {
  const reads = createAccountReads({ orm });
  const prove = createProvePassword({ orm, hasher, throttle });
  const reauthenticate = createReauthenticate({ reads, prove });
  const creation = { hasher, audit, edxLinks, blockedEmails, clock };

  const setPassword: AccountService['setPassword'] = async (accountId, password, actor) => {
    const passwordHash = await hasher.hash(password);
    await orm.em.fork().transactional(async (tx) => {
      await tx.nativeUpdate(AccountEntity, { id: accountId }, { passwordHash, passwordChangedAt: clock() });
      await voidEmailChange(tx, accountId);
      await audit.record({ action: 'account.password-changed', outcome: 'success', actor, subjectId: accountId }, tx);
    });
  };

  return {
    ...reads,
    authenticate: createAuthenticate({ orm, reads, prove, audit, events, clock }),
    reauthenticate,
    setPassword,
    create: async (input, actor, { idempotencyKey } = {}) => {
      const prepared = await prepareAccount(input, creation);
      return withTypedConflicts(() =>
        orm.em.fork().transactional(async (tx) => {
          if (idempotencyKey === undefined) return insertAccount(tx, prepared, actor, creation);
          const request = {
            callerId: callerOf(actor),
            operation: 'createAccount',
            key: idempotencyKey,
            input: { ...input },
          };
          await tx.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
            `${request.callerId} ${idempotencyKey}`,
          ]);
          const earlierId = await findEarlierResult(tx, request);
          if (earlierId) return tx.findOneOrFail(AccountEntity, { id: earlierId });
          const account = await insertAccount(tx, prepared, actor, creation);
          await rememberResult(tx, request, account.id, clock());
          return account;
        }),
      );
    },
    setLocale: async (accountId, locale) => {
      await orm.em.fork().nativeUpdate(AccountEntity, { id: accountId, status: 'ACTIVE' }, { locale });
    },
    updateProfile: (accountId, patch, actor, { idempotencyKey } = {}) =>
      orm.em.fork().transactional(async (tx) => {
        const account = await tx.findOne(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        if (!account) throw new NotFoundError('There is no such account.');
        requireNotRetired(account);
        if (idempotencyKey !== undefined) {
          const input = { accountId, name: patch.name, profile: patch.profile };
          const request = { callerId: callerOf(actor), operation: 'updateProfile', key: idempotencyKey, input };
          if (await findEarlierResult(tx, request)) return account;
          await rememberResult(tx, request, accountId, clock());
        }
        const name = patch.name === undefined ? account.name : parseName(patch.name);
        const profile = { ...account.profile, ...parseProfile(patch.profile ?? {}, clock()) };
        const changed = [
          ...(name === account.name ? [] : ['name']),
          ...(JSON.stringify(profile) === JSON.stringify(account.profile) ? [] : ['profile']),
        ];
        if (changed.length === 0) return account;
        Object.assign(account, { name, profile });
        await tx.flush();
        await enqueuePush(tx, accountId, 'profile');
        await publishChange(tx, { topic: 'account', accountId });
        await edxLinks.reconsider(tx, accountId, actor);
        await audit.record(
          { action: 'account.changed', outcome: 'success', actor, subjectId: accountId, detail: { changed } },
          tx,
        );
        return account;
      }),
    changePassword: async (accountId, current, next, address) => {
      const actor = { accountId, address };
      const account = await reauthenticate(accountId, current, address).catch(async (error: unknown) => {
        if (error instanceof InvalidInputError)
          await audit.record({ action: 'account.password-changed', outcome: 'wrong-credentials', actor });
        throw error;
      });
      await policy.check(next, [account.name, account.username, account.email]);
      await setPassword(accountId, next, actor);
    },
  };
}
