import type { EntityManager } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import {
  type Enrollment,
  type EnrollmentEndState,
  EnrollmentEntity,
  type EnrollmentIntent,
} from '../../entities/enrollment.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import { type Actor, callerOf } from '../actor.js';
import { wakeMoves } from '../enrollment-move/wake.js';
import { findEarlierResult, type IdempotentRequest, rememberResult } from '../idempotency.js';
import { changeEnrollment, lockEnrollment, recordChange } from './change.js';
import { clearFailed } from './dead-letter.js';
import { enqueueEnrollment, enrollmentKey } from './plan.js';

/** What somebody wants of one learner in one course run. */
export interface Wish {
  intent: EnrollmentIntent;
  accountId: string;
  courseKey: string;
  /** Undefined: the LMS's default, or whatever it is. */
  mode?: string | undefined;
  /** In spite of the enrollment window, and in an expired mode; as the policy decided. */
  force?: boolean | undefined;
  /** One of many, which nobody waits for. */
  isBulk?: boolean | undefined;
  /** What an UNENROLL ends in; INACTIVE without it. */
  endState?: EnrollmentEndState | undefined;
  /** For the history; by the intent without it. */
  cause?: string | undefined;
}

const operations: Record<EnrollmentIntent, string> = {
  ENROLL: 'enrollInCourse',
  UNENROLL: 'unenrollFromCourse',
  CHANGE_MODE: 'changeEnrollmentMode',
};

/**
 * Stores a wish and the job that fulfils it, both or neither. A wish that is already fulfilled, or already waits, adds
 * nothing, so that repeating one is harmless.
 *
 * @throws {@link NotFoundError} no such account; {@link ConflictError} it is not active
 * @throws {@link InvalidInputError} `NOT_ENROLLED` for what needs an enrollment; `IDEMPOTENCY_KEY_REUSED`
 */
export async function storeWish(
  em: EntityManager,
  wish: Wish,
  { actor, idempotencyKey, now }: { actor: Actor; idempotencyKey?: string | undefined; now: Date },
): Promise<Enrollment> {
  const request: IdempotentRequest | undefined =
    idempotencyKey === undefined
      ? undefined
      : { callerId: callerOf(actor), operation: operations[wish.intent], key: idempotencyKey, input: { ...wish } };
  return em.fork().transactional(async (tx) => {
    // The row may not exist yet, so that there is nothing else to lock.
    await lockUntilCommit(tx, enrollmentKey(wish));
    const earlierId = request && (await findEarlierResult(tx, request));
    if (earlierId) return tx.findOneOrFail(EnrollmentEntity, { id: earlierId });
    const enrollment = await applyWish(tx, wish, actor, now);
    await wakeMoves(tx, enrollment.id);
    if (request && !(await rememberResult(tx, request, enrollment.id, now))) await findEarlierResult(tx, request);
    return enrollment;
  });
}

/** As {@link storeWish}, in a transaction of the caller, who holds the lock of the place. */
export async function applyWish(tx: EntityManager, wish: Wish, actor: Actor, now: Date): Promise<Enrollment> {
  const account = await tx.findOne(AccountEntity, { id: wish.accountId });
  if (!account) throw new NotFoundError('There is no such account.');
  if (account.status !== 'ACTIVE') throw new ConflictError('The account is not active.');
  const present = await lockEnrollment(tx, { accountId: wish.accountId, courseKey: wish.courseKey });
  const next = nextWish(present, wish);
  if (present && !next) return present;
  const reason = {
    actor,
    isWish: true,
    cause: wish.cause ?? `${wish.intent.toLowerCase().replace('_', '-')}-requested`,
  };
  if (!present) {
    const created = tx.create(EnrollmentEntity, {
      accountId: account.id,
      courseKey: wish.courseKey,
      lmsUsername: account.username,
      state: 'PENDING',
      intent: 'ENROLL',
      requestedMode: wish.mode ?? null,
      force: wish.force ?? false,
      requestedBy: actor.accountId,
      nextAttemptAt: now,
    });
    await tx.flush();
    await recordChange(tx, created, null, reason, now);
    await enqueueEnrollment(tx, created, wish);
    return created;
  }
  await changeEnrollment(
    tx,
    present,
    (row) => {
      row.intent = next ?? null;
      if (next === 'ENROLL') row.state = 'PENDING';
      if (next !== 'UNENROLL') row.requestedMode = wish.mode ?? row.requestedMode ?? null;
      row.force = wish.force ?? false;
      row.endState = next === 'UNENROLL' ? (wish.endState ?? null) : null;
      clearFailed(row);
      row.failedMoveId = null;
      row.requestVersion += 1;
      row.requestedBy = actor.accountId;
      row.attempts = 0;
      row.nextAttemptAt = now;
    },
    reason,
    now,
  );
  await enqueueEnrollment(tx, present, wish);
  return present;
}

/**
 * What is left to do at the LMS for a wish, by what is known and already under way; nothing when it is all the same.
 *
 * @throws {@link InvalidInputError} `NOT_ENROLLED`
 */
export function nextWish(present: Enrollment | null, { intent, mode }: Wish): EnrollmentIntent | undefined {
  if (intent === 'ENROLL') {
    if (!present) return 'ENROLL';
    const isAskedFor = present.state === 'PENDING' && present.intent === 'ENROLL';
    if (isAskedFor) return mode === undefined || mode === present.requestedMode ? undefined : 'ENROLL';
    if (present.state !== 'ACTIVE' || present.intent === 'UNENROLL') return 'ENROLL';
    const coming = present.intent === 'CHANGE_MODE' ? present.requestedMode : present.mode;
    return mode === undefined || mode === coming ? undefined : 'CHANGE_MODE';
  }
  const isThere = present?.state === 'ACTIVE' || present?.state === 'PENDING';
  if (intent === 'UNENROLL') {
    if (present?.state === 'INACTIVE') return undefined;
    if (!isThere) throw notEnrolled();
    return present.intent === 'UNENROLL' ? undefined : 'UNENROLL';
  }
  if (!isThere || present.intent === 'UNENROLL') throw notEnrolled();
  if (present.intent === 'ENROLL') return present.requestedMode === mode ? undefined : 'ENROLL';
  const coming = present.intent === 'CHANGE_MODE' ? present.requestedMode : present.mode;
  return coming === mode ? undefined : 'CHANGE_MODE';
}

function notEnrolled(): InvalidInputError {
  return new InvalidInputError('There is no enrollment in this course run.', {
    field: ['courseKey'],
    reason: 'NOT_ENROLLED',
  });
}
