import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import type { Account } from '../../entities/account.entity.js';
import {
  type Retirement,
  RetirementEntity,
  type RetirementState,
  type RetirementStep,
  RetirementStepEntity,
} from '../../entities/retirement.entity.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Official } from '../account/account-lifecycle.service.js';
import { lockAccount } from '../account/administrators.js';
import type { BlockedEmails } from '../account/blocked-emails.js';
import { requireRank } from '../account/rank.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { beginRetirement, enqueueRetirement, ownerAsActor } from './begin.js';
import { runRetirement, type SagaDeps } from './saga.js';
import { endAccess } from './steps.js';
import { tombstoneOf } from './tombstone.js';

/**
 * The end of an account for good: nobody signs in with it any more, it leaves the LMS, and everything personal is erased. Begun by
 * an administrator, an operator, or the person's own request when it is due; carried out step by step by a job.
 */
export interface RetirementService {
  /**
   * Begins it. When this answers, the account is RETIRED, and every session, token and grant of it has ended in all processes; the
   * rest follows. Harmless to repeat.
   *
   * @param options.isEmailBlocked - nobody registers with its e-mail address any more; else that is free when it is erased
   * @throws NotFoundError when there is no such account
   * @throws ForbiddenError when the account has a role that the official has not
   * @throws InvalidInputError `LAST_ADMIN`
   * @throws {@link ConflictError} when the address is erased already, so that it is too late to block it
   */
  retire(accountId: string, by: Official, options?: { isEmailBlocked?: boolean }): Promise<Account>;
  /** Takes the steps that are left; body of the job. @returns whether the retirement is done */
  run(accountId: string, run?: { waits?: number }): Promise<boolean>;
  /**
   * Begins what is due, and finds what nobody works on: body of the job of the schedule.
   *
   * @returns how many were begun
   */
  beginDue(): Promise<number>;
  /** Requests that wait included. */
  findByAccountIds(accountIds: readonly string[]): Promise<Retirement[]>;
  /** Oldest first. */
  search(filter: RetirementFilter, page: PageRequest): Promise<Page<Retirement>>;
  /** Steps that were taken, in order. */
  steps(retirementIds: readonly string[]): Promise<RetirementStep[]>;
}

/** Which retirements: all that is given must hold. */
export interface RetirementFilter {
  states?: readonly RetirementState[] | undefined;
  /** Whether something is left to people. */
  isLeftToDo?: boolean | undefined;
}

/** Retirements of one run of the schedule. */
const batchSize = 100;

export function createRetirementService(
  deps: SagaDeps & { logger: Logger; blockedEmails: Pick<BlockedEmails, 'block' | 'isAnyOf'> },
): RetirementService {
  const { em, clock, logger, audit, blockedEmails } = deps;

  const blockEmail = async (tx: EntityManager, account: Account, by: Official) => {
    if (await blockedEmails.isAnyOf(tx, account.id)) return;
    if (account.email === tombstoneOf(account.id).email)
      throw new ConflictError('It is too late to block the e-mail address: it was erased.');
    await blockedEmails.block(tx, account);
    const act = {
      action: 'account.email-blocked',
      outcome: 'success',
      actor: by.actor,
      subjectId: account.id,
    } as const;
    await audit.record(act, tx);
  };

  const beginOne = ({ accountId, requestedBy }: Retirement): Promise<boolean> =>
    em
      .fork()
      .transactional(async (tx) => {
        await lockAccount(tx, accountId);
        // Whoever takes a request back holds the same lock.
        const isStillWanted = await tx.count(RetirementEntity, { accountId, state: 'SCHEDULED' });
        if (isStillWanted) await beginRetirement(tx, accountId, ownerAsActor(requestedBy), deps);
        return isStillWanted > 0;
      })
      .catch(async (error: unknown) => {
        if (!(error instanceof InvalidInputError)) throw error;
        await postpone(em.fork(), accountId, error, clock());
        logger.warn({ err: error, accountId }, 'a retirement that is due cannot begin');
        return false;
      });

  return {
    retire: async (accountId, by, { isEmailBlocked = false } = {}) => {
      const account = await em.fork().transactional(async (tx) => {
        const begun = await beginRetirement(tx, accountId, by.actor, deps, (locked) => requireRank(locked, by.roles));
        if (isEmailBlocked) await blockEmail(tx, begun, by);
        return begun;
      });
      const [retirement] = await em.fork().find(RetirementEntity, { accountId, state: 'RUNNING' });
      if (retirement) await endAccess(deps, { accountId, requestedBy: by.actor.accountId });
      return account;
    },
    run: (accountId, run) => runRetirement(deps, accountId, run),
    beginDue: async () => {
      const due = await em
        .fork()
        .find(RetirementEntity, { state: 'SCHEDULED', dueAt: { $lte: clock() } }, { limit: batchSize });
      let begun = 0;
      for (const retirement of due) if (await beginOne(retirement)) begun += 1;
      for (const accountId of await findForgotten(em.fork())) await enqueueRetirement(em.fork(), accountId);
      return begun;
    },
    findByAccountIds: (accountIds) => em.fork().find(RetirementEntity, { accountId: { $in: [...accountIds] } }),
    search: (filter, page) => findPage(em.fork(), RetirementEntity, whereOf(filter), page),
    steps: (retirementIds) =>
      em.fork().find(RetirementStepEntity, { retirementId: { $in: [...retirementIds] } }, { orderBy: { id: 'asc' } }),
  };
}

function whereOf({ states, isLeftToDo }: RetirementFilter): FilterQuery<Retirement> {
  const leftToDo = raw(
    (alias) =>
      `exists (select 1 from retirement_step s where s.retirement_id = ${alias}.id and s.outcome = 'LEFT_TO_DO')`,
  );
  return {
    ...(states && { state: { $in: [...states] } }),
    ...(isLeftToDo !== undefined && { [leftToDo]: isLeftToDo }),
  };
}

/** Looked at again tomorrow: meanwhile somebody may have seen the reason and changed it. */
async function postpone(em: EntityManager, accountId: string, error: InvalidInputError, now: Date): Promise<void> {
  const lastError = {
    upstream: 'portico',
    code: error.reason,
    message: error.message,
    retryable: true,
    at: now.toISOString(),
  };
  const dueAt = new Date(now.getTime() + 24 * 3_600_000);
  await em.nativeUpdate(RetirementEntity, { accountId, state: 'SCHEDULED' }, { lastError, dueAt });
}

/** Accounts whose retirement goes on although no job is left for it. */
async function findForgotten(em: EntityManager): Promise<string[]> {
  const rows = await em.execute<{ accountId: string }[]>(
    `select account_id as "accountId" from retirement
     where state = 'RUNNING' and not exists (
       select 1 from graphile_worker.jobs job
       where job.key = 'retire:' || retirement.account_id and job.attempts < job.max_attempts)
     limit ${batchSize}`,
  );
  return rows.map(({ accountId }) => accountId);
}
