import { type EntityManager, LockMode, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import type { EdxLink, EdxLinkState } from '../../entities/edx-link.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { systemActor } from '../actor.js';
import { enqueueProvision } from '../edx-api-token/plan.js';
import { enqueuePush } from '../edx-push/plan.js';
import { reviveEnrollments } from '../enrollment/missing-user.js';
import { wakeEnrollments } from '../enrollment/plan.js';
import { adoptLearners } from '../learner-link/adopt-learners.js';
import { enqueueLearnUserIds } from './lms-user-ids.js';
import { isUnderWay } from './machine.js';
import { type CreationOutcome, failureOf, type LinkedOutcome, lmsUserHeldElsewhere } from './outcome.js';
import { lockLink, moveLink, recordStep } from './transition.js';

/** States in which an outcome is awaited; a link that left them meanwhile keeps what it has. */
const awaiting: readonly EdxLinkState[] = ['PENDING', 'CREATING', 'CONFLICT'];

/** Stores how a creation or a look ended, in one transaction with all that follows from it. */
export async function storeOutcome(
  em: EntityManager,
  accountId: string,
  outcome: CreationOutcome,
  now: Date,
): Promise<void> {
  try {
    await em.fork().transactional((tx) => store(tx, accountId, outcome, now));
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException) || outcome.state !== 'LINKED') throw error;
    // Two accounts cannot share an LMS user; whoever came first has it.
    await em.fork().transactional((tx) => store(tx, accountId, lmsUserHeldElsewhere(outcome.username), now));
  }
}

async function store(tx: EntityManager, accountId: string, outcome: CreationOutcome, now: Date): Promise<void> {
  // Before the link, as whoever changes the account does: a change is either seen below, or finds the link as it is after this.
  await tx.findOne(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_READ });
  const link = await lockLink(tx, accountId);
  if (!link || !awaiting.includes(link.state)) return;
  link.lastError = failureOf(outcome, now);
  link.nextAttemptAt = null;
  link.contestedUsername = outcome.state === 'LINKED' ? null : (outcome.contestedUsername ?? null);
  link.adoptionGranted = false;
  if (outcome.state === 'LINKED') return storeLinked(tx, link, outcome, now);
  link.attempts += 1;
  await moveLink(
    tx,
    link,
    outcome.state,
    { actor: systemActor, cause: outcome.code, detail: outcome.detail ?? null },
    now,
  );
  await wakeEnrollments(tx, accountId);
}

async function storeLinked(
  tx: EntityManager,
  link: EdxLink,
  { username, userId, cause, asOf }: LinkedOutcome,
  now: Date,
): Promise<void> {
  const account = await tx.findOneOrFail(AccountEntity, link.accountId);
  link.edxUsername = username;
  link.edxUserId = userId ?? null;
  link.edxUserIdSoughtAt = null;
  link.remoteId = account.username;
  link.attempts = 0;
  link.linkedAt = now;
  await moveLink(tx, link, 'LINKED', { actor: systemActor, cause, detail: { edxUsername: username } }, now);
  await adoptLearners(tx, link, now);
  await enqueueProvision(tx, account.id);
  if (userId === undefined) await enqueueLearnUserIds(tx, now);
  // What the person changed while the LMS was being asked is not in what it was told.
  if (asOf?.getTime() !== account.updatedAt.getTime()) {
    await enqueuePush(tx, account.id, 'profile');
    await enqueuePush(tx, account.id, 'email');
  }
  await wakeEnrollments(tx, account.id);
  await reviveEnrollments(tx, account.id, now);
}

/** That a registration is about to be sent. Committed before it is, so that whoever finds it thus looks before repeating it. */
export async function storeBegin(em: EntityManager, accountId: string, now: Date): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const link = await lockLink(tx, accountId);
    if (link?.state !== 'PENDING' || link.lastError !== null) return;
    await moveLink(tx, link, 'CREATING', { actor: systemActor, cause: 'registration-begun' }, now);
    // Repeated tries of one trouble are one line in the history: such a link stays PENDING, and its tries begin with a look.
  });
}

export interface WaitingLink {
  failure: UpstreamFailure;
  nextAttemptAt: Date;
  countsAsAttempt: boolean;
  /** The LMS may have done what was asked: look before asking again. */
  mayHaveHappened: boolean;
  enqueueNext(tx: EntityManager): Promise<void>;
}

/** Stores why a link has to wait and plans its next try, in one transaction: neither is lost without the other. */
export async function storeWaiting(
  em: EntityManager,
  accountId: string,
  waiting: WaitingLink,
  now: Date,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const link = await lockLink(tx, accountId);
    if (!link || !isUnderWay(link.state)) return;
    const hadTrouble = link.lastError?.retryable === true;
    link.lastError = waiting.failure;
    link.nextAttemptAt = waiting.nextAttemptAt;
    if (waiting.countsAsAttempt) link.attempts += 1;
    const step = { actor: systemActor, cause: waiting.failure.code };
    // An outage is one line in the history, however often it is run into.
    if (hadTrouble) await tx.flush();
    else if (link.state === 'CREATING' && !waiting.mayHaveHappened) await moveLink(tx, link, 'PENDING', step, now);
    else await recordStep(tx, link, link.state, step, now);
    await waiting.enqueueNext(tx);
  });
}
