import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity, EdxLinkEventEntity } from '../../entities/edx-link.entity.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { takenUsernames } from '../account/username.js';
import type { TokenStore } from '../edx-api-token/token-store.js';
import {
  classifyTrouble,
  describeTrouble,
  isUpstreamTrouble,
  mayHaveHappened,
  pauseBeforeRetryMs,
  type UpstreamTrouble,
} from '../upstream-trouble.js';
import { type CreateAccountDeps, createLmsAccount } from './create-account.js';
import { isUnderWay } from './machine.js';
import { attemptsExhausted } from './outcome.js';
import { creationKey, enqueueCreation } from './plan.js';
import { RegistrationPausedError, type RegistrationTurns } from './registration-turns.js';
import { storeBegin, storeOutcome, storeWaiting } from './store-outcome.js';

export interface CreationDeps extends Omit<CreateAccountDeps, 'findTaken' | 'register'> {
  em: EntityManager;
  turns: RegistrationTurns;
  /** Where a token is kept that the way to the LMS account gave. */
  tokens: Pick<TokenStore, 'write'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
  /** Tries that may fail by the account's own fault before a person must act. */
  maxAttempts: number;
}

/** As long as it may take another process to finish the same try. */
const lockWaitMs = 2_000;
const busyPauseMs = 2_000;
const longestSpreadMs = 10 * 60_000;

/**
 * Brings the LMS account of an account into being, or finds out why not: the body of the job. One process at a time works on
 * an account, nothing is locked in the database while the LMS is asked, and however it ends, the link says so.
 *
 * @param run.waits - how often the job came before and had to wait
 * @param run.isBulk - as one of many: what people wait for goes first
 * @returns what the LMS kept it from by; the job that tries again is planned then
 */
export async function runCreation(
  deps: CreationDeps,
  accountId: string,
  { waits = 0, isBulk = false }: { waits?: number; isBulk?: boolean },
): Promise<UpstreamTrouble | undefined> {
  try {
    await deps.locks.run(creationKey(accountId), () => attempt(deps, accountId, isBulk), { waitMs: lockWaitMs });
  } catch (error) {
    if (error instanceof LockBusyError) {
      const runAt = new Date(deps.clock().getTime() + busyPauseMs);
      await enqueueCreation(deps.em.fork(), accountId, { runAt, waits, isBulk });
      return undefined;
    }
    if (!isUpstreamTrouble(error)) throw error;
    await keepForLater(deps, accountId, error, { waits, isBulk });
    return error;
  }
  return undefined;
}

async function attempt(deps: CreationDeps, accountId: string, isBulk: boolean): Promise<void> {
  const em = deps.em.fork();
  const link = await em.findOne(EdxLinkEntity, { accountId });
  const account = await em.findOne(AccountEntity, { id: accountId });
  if (!link || account?.status !== 'ACTIVE') return;
  if (!isUnderWay(link.state)) return;
  await deps.turns.requireOpen();
  const isFirst = link.state === 'PENDING' && link.edxUsername === null && !(await hasBegunBefore(em, link.id));
  await storeBegin(deps.em, accountId, deps.clock());
  const outcome = await createLmsAccount(
    { ...deps, register: deps.turns.register, findTaken: (usernames) => takenUsernames(deps.em.fork(), usernames) },
    { account, link, isFirst },
    { purpose: 'job', priority: isBulk ? 'bulk' : 'sign-up' },
  );
  await storeOutcome(deps.em, accountId, outcome, deps.clock());
  if (outcome.state === 'LINKED' && outcome.token) await deps.tokens.write(accountId, outcome.token, deps.clock());
  deps.logger.info({ accountId, state: outcome.state }, 'the creation of an LMS account ended');
}

/** Whether a registration may have been sent, or the account was linked: then the LMS may know it. */
async function hasBegunBefore(em: EntityManager, edxLinkId: string): Promise<boolean> {
  return (await em.count(EdxLinkEventEntity, { edxLinkId, to: { $in: ['CREATING', 'LINKED'] } })) > 0;
}

async function keepForLater(
  deps: CreationDeps,
  accountId: string,
  error: UpstreamTrouble,
  { waits, isBulk }: { waits: number; isBulk: boolean },
): Promise<void> {
  const trouble = classifyTrouble(error);
  const now = deps.clock();
  const link = await deps.em.fork().findOne(EdxLinkEntity, { accountId });
  if (trouble === 'permanent' && link && link.attempts + 1 >= deps.maxAttempts)
    return storeOutcome(deps.em, accountId, attemptsExhausted(describeTrouble(error, now)), now);
  const nextAttemptAt =
    error instanceof RegistrationPausedError
      ? pickTurn(error)
      : new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
  await storeWaiting(
    deps.em,
    accountId,
    {
      failure: describeTrouble(error, now),
      nextAttemptAt,
      countsAsAttempt: trouble === 'permanent',
      mayHaveHappened: mayHaveHappened(error),
      enqueueNext: (tx) => enqueueCreation(tx, accountId, { runAt: nextAttemptAt, waits: waits + 1, isBulk }),
    },
    now,
  );
  deps.logger.warn({ err: error, accountId, trouble, nextAttemptAt }, 'an LMS account has to wait');
}

/** Who waits for their turn does not come all at once. */
function pickTurn({ until, gapMs }: RegistrationPausedError): Date {
  return new Date(until.getTime() + Math.random() * Math.min(gapMs, longestSpreadMs));
}
