import type { LmsCourseDetails } from './enrollments.js';

export type EnrollmentRefusalCode =
  | 'course-unknown'
  | 'user-unknown'
  | 'mode-unavailable'
  | 'mode-mismatch'
  | 'not-enrolled'
  | 'enrollment-not-open'
  | 'enrollment-closed'
  | 'invitation-only'
  | 'enrollment-refused'
  | 'forbidden';

export interface EnrollmentRefusal {
  code: EnrollmentRefusalCode;
  /** For a person. */
  message: string;
}

const messages: Record<EnrollmentRefusalCode, string> = {
  'course-unknown': 'The LMS has no such course run.',
  'user-unknown': 'The LMS has no such user.',
  'mode-unavailable': 'This enrollment mode is not offered, or no longer, in this course run.',
  'mode-mismatch': 'The enrollment has another mode, so that the LMS does not end it.',
  'not-enrolled': 'There is no active enrollment to end.',
  'enrollment-not-open': 'Enrollment in this course run has not begun.',
  'enrollment-closed': 'Enrollment in this course run is closed.',
  'invitation-only': 'Enrollment in this course run is by invitation only.',
  'enrollment-refused': 'The LMS refused the enrollment: the course run may be full.',
  forbidden: 'The LMS does not allow this enrollment.',
};

/**
 * Finds out why an enrollment was refused. A closed, full or invitation-only run and an unknown one are all the same 400, so
 * that the run itself must tell.
 *
 * @param details - of the run; undefined when there is none, or when the refusal is clear by itself
 */
export function explainRefusal({
  status,
  isAmbiguous,
  isActive,
  isEnrolled,
  details,
  now,
}: {
  status: number;
  isAmbiguous: boolean;
  /** What was asked for. */
  isActive: boolean;
  /** What is the case. */
  isEnrolled: boolean;
  details: LmsCourseDetails | undefined;
  now: Date;
}): EnrollmentRefusal {
  const code = codeOf();
  return { code, message: messages[code] };

  function codeOf(): EnrollmentRefusalCode {
    if (status === 406) return 'user-unknown';
    if (status === 403) return 'forbidden';
    if (status !== 400) return 'enrollment-refused';
    if (!isAmbiguous) return 'mode-unavailable';
    if (!details) return 'course-unknown';
    if (!isActive) return isEnrolled ? 'mode-mismatch' : 'not-enrolled';
    if (details.enrollmentStart !== null && details.enrollmentStart > now) return 'enrollment-not-open';
    if (details.enrollmentEnd !== null && details.enrollmentEnd <= now) return 'enrollment-closed';
    return details.isInvitationOnly ? 'invitation-only' : 'enrollment-refused';
  }
}
