import type { EntityManager } from '@mikro-orm/postgresql';
import type { Enrollment } from '../../entities/enrollment.entity.js';
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

/**
 * Wishes anew what failed, as it was wanted then, with its job, in the transaction of `tx`; the row is locked.
 *
 * @returns false when nothing had failed
 */
export async function replayFailed(
  tx: EntityManager,
  enrollment: Enrollment,
  reason: ChangeReason,
  now: Date,
): Promise<boolean> {
  if (!enrollment.failedIntent || enrollment.intent) return false;
  await changeEnrollment(
    tx,
    enrollment,
    (row) => {
      row.intent = row.failedIntent ?? null;
      if (row.intent === 'ENROLL') row.state = 'PENDING';
      row.requestedMode = row.failedMode ?? null;
      row.requestVersion += 1;
      row.attempts = 0;
      row.nextAttemptAt = now;
      clearFailed(row);
    },
    { ...reason, isWish: true },
    now,
  );
  await enqueueEnrollment(tx, enrollment);
  return true;
}
