import type { EntityManager } from '@mikro-orm/postgresql';
import type { Enrollment, EnrollmentIntent } from '../../entities/enrollment.entity.js';
import { type ChangeReason, changeEnrollment } from './change.js';
import { enqueueEnrollment } from './plan.js';

/** Keeps what was wanted in vain, so that a person sees it and it can be wished anew as it was. */
export function markFailed(row: Enrollment, now: Date): void {
  row.failedIntent = row.intent ?? null;
  row.failedMode = row.requestedMode ?? null;
  row.failedAt = now;
}

/** Forgets it, since it came true, or something else is wanted. */
export function clearFailed(row: Enrollment): void {
  row.failedIntent = null;
  row.failedMode = null;
  row.failedAt = null;
}

/** Stores a wish that stands by itself, with its job, in the transaction of `tx`; the row is locked and nothing is under way. */
export async function wishAnew(
  tx: EntityManager,
  enrollment: Enrollment,
  { intent, mode }: { intent: EnrollmentIntent; mode: string | null },
  reason: ChangeReason,
  now: Date,
): Promise<void> {
  await changeEnrollment(
    tx,
    enrollment,
    (row) => {
      row.intent = intent;
      if (intent === 'ENROLL' && row.state !== 'ACTIVE') row.state = 'PENDING';
      row.requestedMode = mode;
      row.requestVersion += 1;
      row.attempts = 0;
      row.nextAttemptAt = now;
      row.failedMoveId = null;
      clearFailed(row);
    },
    { ...reason, isWish: true },
    now,
  );
  await enqueueEnrollment(tx, enrollment);
}

/**
 * Wishes anew what failed, as it was wanted then; the row is locked.
 *
 * @returns false when nothing had failed, or something else is under way
 */
export async function replayFailed(
  tx: EntityManager,
  enrollment: Enrollment,
  reason: ChangeReason,
  now: Date,
): Promise<boolean> {
  const { failedIntent, failedMode, intent } = enrollment;
  if (!failedIntent || intent) return false;
  await wishAnew(tx, enrollment, { intent: failedIntent, mode: failedMode ?? null }, reason, now);
  return true;
}
