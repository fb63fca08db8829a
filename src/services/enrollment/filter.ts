import type { FilterQuery } from '@mikro-orm/postgresql';
import type { Enrollment, EnrollmentState } from '../../entities/enrollment.entity.js';

/** Which enrollments: all that is given must hold. */
export interface EnrollmentFilter {
  accountId?: string;
  courseKeys?: readonly string[];
  states?: readonly EnrollmentState[];
  /** Codes of the last error, e.g. `enrollment-closed`. */
  reasons?: readonly string[];
  /** In its state since this moment, or longer. */
  unchangedSince?: Date;
  minAttempts?: number;
  /**
   * Whether something that was wanted failed (a wish, a deferral, transfer or refund, what the LMS is to know of course mails), or
   * for too long did not reach the LMS.
   */
  isStuck?: boolean;
  /** Asked for, and not an active enrollment that the LMS has confirmed: whoever paid for it still waits. */
  isUnfulfilled?: boolean;
}

/** A wish that waits for longer than this counts as stuck. */
export const longestWaitMs = 3_600_000;

/** The condition of a filter. */
export function whereEnrollments(filter: EnrollmentFilter, now: Date): FilterQuery<Enrollment> {
  const { accountId, courseKeys, states, reasons, unchangedSince, minAttempts, isStuck, isUnfulfilled } = filter;
  const refusedMails: FilterQuery<Enrollment> = { state: 'ACTIVE', emailsError: { retryable: false } };
  const noRefusedMails: FilterQuery<Enrollment> = {
    $or: [{ state: { $ne: 'ACTIVE' } }, { emailsError: null }, { emailsError: { retryable: true } }],
  };
  const lost: FilterQuery<Enrollment> = {
    $or: [
      { failedIntent: { $ne: null } },
      { failedMoveId: { $ne: null } },
      { intent: { $ne: null }, intentSince: { $lte: new Date(now.getTime() - longestWaitMs) } },
    ],
  };
  const conditions: FilterQuery<Enrollment>[] = [];
  if (accountId !== undefined) conditions.push({ accountId });
  if (courseKeys) conditions.push({ courseKey: { $in: [...courseKeys] } });
  if (states) conditions.push({ state: { $in: [...states] } });
  if (reasons) conditions.push({ lastError: { code: { $in: [...reasons] } } });
  if (unchangedSince) conditions.push({ stateSince: { $lte: unchangedSince } });
  if (minAttempts !== undefined) conditions.push({ attempts: { $gte: minAttempts } });
  if (isStuck) conditions.push({ $or: [lost, refusedMails] });
  if (isStuck === false) conditions.push({ $not: lost }, noRefusedMails);
  if (isUnfulfilled) conditions.push({ $or: [{ intent: 'ENROLL' }, { failedIntent: 'ENROLL' }] });
  if (isUnfulfilled === false)
    conditions.push(
      { $or: [{ intent: null }, { intent: { $ne: 'ENROLL' } }] },
      { $or: [{ failedIntent: null }, { failedIntent: { $ne: 'ENROLL' } }] },
    );
  return { $and: conditions };
}

/** What a filter looks at. */
export type Filterable = Pick<
  Enrollment,
  | 'accountId'
  | 'courseKey'
  | 'state'
  | 'stateSince'
  | 'attempts'
  | 'lastError'
  | 'intent'
  | 'intentSince'
  | 'failedIntent'
  | 'failedMoveId'
  | 'emailsError'
>;

/** The same for a row that is at hand. */
export function matchesFilter(row: Filterable, filter: EnrollmentFilter, now: Date): boolean {
  const { accountId, courseKeys, states, reasons, unchangedSince, minAttempts, isStuck, isUnfulfilled } = filter;
  const isWaitingLong =
    row.intent != null && row.intentSince != null && row.intentSince.getTime() <= now.getTime() - longestWaitMs;
  return (
    (accountId === undefined || row.accountId === accountId) &&
    (courseKeys?.includes(row.courseKey) ?? true) &&
    (states?.includes(row.state) ?? true) &&
    (reasons === undefined || (row.lastError != null && reasons.includes(row.lastError.code))) &&
    (unchangedSince === undefined || row.stateSince <= unchangedSince) &&
    row.attempts >= (minAttempts ?? 0) &&
    (isUnfulfilled === undefined || isUnfulfilled === (row.intent === 'ENROLL' || row.failedIntent === 'ENROLL')) &&
    (isStuck === undefined || isStuck === (hasFailed(row) || isWaitingLong))
  );
}

function hasFailed({ state, failedIntent, failedMoveId, emailsError }: Filterable): boolean {
  return failedIntent != null || failedMoveId != null || (state === 'ACTIVE' && emailsError?.retryable === false);
}
