import { courseOf } from '../../datasources/course-key.js';
import type { CourseRun } from '../../entities/course-run.entity.js';
import type { Enrollment } from '../../entities/enrollment.entity.js';
import type { EnrollmentMoveKind } from '../../entities/enrollment-move.entity.js';
import { InvalidInputError } from '../../errors.js';

export interface MovePlan {
  kind: EnrollmentMoveKind;
  source: Enrollment | null;
  /** Where the learner goes; the source's own run for a transfer, nothing for a refund. */
  toCourseKey: string | undefined;
  /** Who takes part instead, for a transfer. */
  toAccountId: string | undefined;
  /** Of the target, as far as it is known here. */
  targetRun: Pick<CourseRun, 'enrollmentStart' | 'enrollmentEnd'> | undefined;
  target: Enrollment | null;
  force: boolean;
}

/**
 * Whether a move may begin. Force passes an enrollment that has ended, another course, a closed window and a target that is
 * enrolled; never a source that does not exist, or a move to itself.
 *
 * @returns the source
 * @throws {@link InvalidInputError} with the reason
 */
export function checkRules(
  { kind, source, toCourseKey, toAccountId, targetRun, target, force }: MovePlan,
  now: Date,
): Enrollment {
  if (!source) throw refused('There is no enrollment in this course run.', 'NOT_ENROLLED', 'courseKey');
  if (kind === 'DEFER' && toCourseKey === source.courseKey)
    throw refused('Name another course run to defer to.', 'SAME_COURSE_RUN', 'toCourseKey');
  if (kind === 'TRANSFER' && toAccountId === source.accountId)
    throw refused('Name another account to transfer to.', 'SAME_ACCOUNT', 'toAccountId');
  if (force) return source;
  if (source.state !== 'ACTIVE' || source.intent === 'UNENROLL')
    throw refused('The enrollment is not active.', 'NOT_ENROLLED', 'courseKey');
  if (toCourseKey !== undefined && courseOf(toCourseKey) !== courseOf(source.courseKey))
    throw refused('This is a run of another course.', 'OTHER_COURSE', 'toCourseKey');
  if (kind === 'DEFER' && targetRun && !isOpen(targetRun, now))
    throw refused('Enrollment in this course run is not open.', 'ENROLLMENT_CLOSED', 'toCourseKey');
  if (kind === 'TRANSFER' && target?.state === 'ACTIVE')
    throw refused('The other account is enrolled already.', 'ALREADY_ENROLLED', 'toAccountId');
  return source;
}

function isOpen({ enrollmentStart, enrollmentEnd }: NonNullable<MovePlan['targetRun']>, now: Date): boolean {
  return (enrollmentStart == null || enrollmentStart <= now) && (enrollmentEnd == null || enrollmentEnd > now);
}

function refused(message: string, reason: string, field: string): InvalidInputError {
  return new InvalidInputError(message, { field: [field], reason });
}
