import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import {
  type Enrollment,
  EnrollmentEntity,
  EnrollmentEventEntity,
  type EnrollmentSnapshot,
} from '../../entities/enrollment.entity.js';
import type { Actor } from '../actor.js';

export interface ChangeReason {
  actor: Actor;
  /** Stable word, e.g. `enroll-requested`, `confirmed`, `seen-in-lms`. */
  cause: string;
  /** Somebody asked for it: in the history even while nothing has changed yet. */
  isWish?: boolean;
  /** Rows that are seen for the first time are announced as well. */
  announcesNew?: boolean;
  /** Set when the LMS has something else than before: what is cached of this LMS user is void. */
  lmsUsername?: string;
}

/** Loads an enrollment for a change: nobody else changes it until the transaction ends. */
export function lockEnrollment(
  tx: EntityManager,
  where: { id: string } | { accountId: string; courseKey: string },
): Promise<Enrollment | null> {
  return tx.findOne(EnrollmentEntity, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Changes an enrollment: row, history and announcement leave with the transaction. */
export async function changeEnrollment(
  tx: EntityManager,
  enrollment: Enrollment,
  apply: (enrollment: Enrollment) => void,
  reason: ChangeReason,
  now: Date,
): Promise<void> {
  const before = snapshotOf(enrollment);
  apply(enrollment);
  if (enrollment.state !== before.state) enrollment.stateSince = now;
  await recordChange(tx, enrollment, before, reason, now);
}

/**
 * Adds to the history of an enrollment (before, after, who, why), if state or modes did change or somebody asked for it, and
 * announces it.
 *
 * @param before - null for a new row, which must be in the database already
 */
export async function recordChange(
  tx: EntityManager,
  enrollment: Enrollment,
  before: EnrollmentSnapshot | null,
  { actor, cause, isWish, lmsUsername }: ChangeReason,
  now: Date,
): Promise<void> {
  const after = snapshotOf(enrollment);
  if (isWish || !before || !isSame(before, after))
    tx.create(EnrollmentEventEntity, {
      enrollmentId: enrollment.id,
      at: now,
      before,
      after,
      actorId: actor.accountId,
      cause,
    });
  await tx.flush();
  await publishChange(tx, {
    topic: 'enrollment',
    accountId: enrollment.accountId,
    enrollmentId: enrollment.id,
    courseKey: enrollment.courseKey,
    ...(lmsUsername !== undefined && { lmsUsername }),
  });
}

function snapshotOf({ state, mode, requestedMode }: Enrollment): EnrollmentSnapshot {
  return { state, mode: mode ?? null, requestedMode: requestedMode ?? null };
}

function isSame(a: EnrollmentSnapshot, b: EnrollmentSnapshot): boolean {
  return a.state === b.state && a.mode === b.mode && a.requestedMode === b.requestedMode;
}
