import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { takenUsernames } from '../account/username.js';
import {
  classifyTrouble,
  describeTrouble,
  isUpstreamTrouble,
  mayHaveHappened,
  pauseBeforeRetryMs,
} from '../upstream-trouble.js';
import { type CreateAccountDeps, createLmsAccount } from './create-account.js';
import { attemptsExhausted } from './outcome.js';
import { creationKey, enqueueCreation } from './plan.js';
import { storeBegin, storeOutcome, storeWaiting } from './store-outcome.js';

export interface CreationDeps extends Omit<CreateAccountDeps, 'findTaken'> {
  em: EntityManager;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
  /** Tries that may fail by the account's own fault before a person must act. */
  maxAttempts: number;
}

/** As long as it may take another process to finish the same try. */
const lockWaitMs = 2_000;
const busyPauseMs = 2_000;

/**
 * Brings the LMS account of an account into being, or finds out why not: the body of the job. One process at a time works on
 * an account, nothing is locked in the database while the LMS is asked, and however it ends, the link says so.
 *
 * @param waits - how often the job came before and had to wait
 */
export async function runCreation(
  deps: CreationDeps,
  accountId: string,
  { waits = 0 }: { waits?: number },
): Promise<void> {
  try {
    await deps.locks.run(creationKey(accountId), () => attempt(deps, accountId), { waitMs: lockWaitMs });
  } catch (error) {
    if (error instanceof LockBusyError) {
      const runAt = new Date(deps.clock().getTime() + busyPauseMs);
      return enqueueCreation(deps.em.fork(), accountId, { runAt, waits });
    }
    await keepForLater(deps, accountId, error, waits);
  }
}

async function attempt(deps: CreationDeps, accountId: string): Promise<void> {
  const em = deps.em.fork();
  const link = await em.findOne(EdxLinkEntity, { accountId });
  const account = await em.findOne(AccountEntity, { id: accountId });
  if (!link || account?.status !== 'ACTIVE') return;
  if (link.state !== 'PENDING' && link.state !== 'CREATING') return;
  // A link found in CREATING was left there by a try that may have reached the LMS.
  const isFirst = link.state === 'PENDING' && link.lastError === null;
  await storeBegin(deps.em, accountId, deps.clock());
  const outcome = await createLmsAccount(
    { ...deps, findTaken: (usernames) => takenUsernames(deps.em.fork(), usernames) },
    account,
    { purpose: 'job', priority: 'sign-up', isFirst },
  );
  await storeOutcome(deps.em, accountId, outcome, deps.clock());
  deps.logger.info({ accountId, state: outcome.state }, 'the creation of an LMS account ended');
}

async function keepForLater(deps: CreationDeps, accountId: string, error: unknown, waits: number): Promise<void> {
  if (!isUpstreamTrouble(error)) throw error;
  const trouble = classifyTrouble(error);
  const now = deps.clock();
  const link = await deps.em.fork().findOne(EdxLinkEntity, { accountId });
  if (trouble === 'permanent' && link && link.attempts + 1 >= deps.maxAttempts)
    return storeOutcome(deps.em, accountId, attemptsExhausted(describeTrouble(error, now)), now);
  const nextAttemptAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
  await storeWaiting(
    deps.em,
    accountId,
    {
      failure: describeTrouble(error, now),
      nextAttemptAt,
      countsAsAttempt: trouble === 'permanent',
      mayHaveHappened: mayHaveHappened(error),
      enqueueNext: (tx) => enqueueCreation(tx, accountId, { runAt: nextAttemptAt, waits: waits + 1 }),
    },
    now,
  );
  deps.logger.warn({ err: error, accountId, trouble, nextAttemptAt }, 'an LMS account has to wait');
}
