import { isPast, toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import { type CourseRun, type Enrollment, type LmsUser } from '../../rows.js';
import { enrollmentKey } from '../../state.js';
import { isCourseStaff } from '../access.js';
import { regrade } from '../grades/regrade.js';
import { defaultMode } from '../modes.js';

/** Why somebody may not enroll; the enrollment API words the last two alike. */
export type Refusal = 'closed' | 'full';

/** Whether the window, the invitation rule or the capacity keeps a person out. */
export function findRefusal(lms: Lms, user: LmsUser, course: CourseRun, now: Date, isForced: boolean): Refusal | null {
  if (!isForced && !isOpenFor(lms, user, course, now)) return 'closed';
  const { maxEnrollments, courseKey } = course;
  return maxEnrollments !== null && countLearners(lms, courseKey) >= maxEnrollments ? 'full' : null;
}

/** The rule is about the learner, not about who asks. */
function isOpenFor(lms: Lms, user: LmsUser, course: CourseRun, now: Date): boolean {
  const invitation = lms.state.enrollmentAllowed.get(enrollmentKey(user.email, course.courseKey));
  if (invitation !== undefined && (invitation.userId === null || invitation.userId === user.id)) return true;
  if (isCourseStaff(lms, user, course.courseKey)) return true;
  return !course.invitationOnly && isWindowOpen(course, now);
}

/** A bound that is missing is open. */
function isWindowOpen({ enrollmentStart, enrollmentEnd }: CourseRun, now: Date): boolean {
  return (
    (enrollmentStart === null || isPast(enrollmentStart, now)) &&
    (enrollmentEnd === null || !isPast(enrollmentEnd, now))
  );
}

/**
 * Enrolls a person in the courses that they were invited to with `auto_enroll`: called when an account becomes active, or
 * an active one changes its address. Courses whose window is closed are passed over.
 */
export function enrollInvited(lms: Lms, user: LmsUser, now: Date): void {
  if (!user.isActive) return;
  for (const { email, courseKey, autoEnroll } of [...lms.state.enrollmentAllowed.values()]) {
    const course = lms.state.course(courseKey);
    if (!autoEnroll || course === undefined || email.toLowerCase() !== user.email.toLowerCase()) continue;
    const isEnrolled = lms.state.enrollment(user.username, courseKey)?.isActive === true;
    if (!isEnrolled && isWindowOpen(course, now))
      putEnrollment(lms, user, course, { mode: defaultMode(course, now), isActive: true }, now);
  }
}

/** Active learners; staff of the course takes no seat. */
function countLearners(lms: Lms, courseKey: string): number {
  return lms.state.enrollmentsByCourse.of(courseKey.toLowerCase()).filter(({ isActive, username }) => {
    const user = lms.state.user(username);
    return isActive && user !== undefined && !isCourseStaff(lms, user, courseKey);
  }).length;
}

export interface EnrollmentChange {
  readonly mode: string;
  readonly isActive: boolean;
}

/** Makes the row of a pair be as given, new or changed; the time of creation never changes. */
export function putEnrollment(
  lms: Lms,
  user: LmsUser,
  course: CourseRun,
  { mode, isActive }: EnrollmentChange,
  now: Date,
): Enrollment {
  const { state } = lms;
  return state.atomically(() => {
    const before = state.enrollment(user.username, course.courseKey);
    const row: Enrollment = {
      id: before?.id ?? state.nextId('enrollment'),
      username: user.username,
      courseKey: course.courseKey,
      mode,
      isActive,
      created: before?.created ?? toInstant(now),
      attributes: before?.attributes ?? [],
    };
    state.putEnrollment(row);
    if (before === undefined || !before.isActive) consumeInvitation(lms, user, course);
    lms.announcer.enrolled(before, row);
    if (before !== undefined && before.mode !== mode) regrade(lms, row, now);
    return row;
  });
}

/** The first who enrolls with an invited address is who was meant. */
function consumeInvitation({ state }: Lms, user: LmsUser, course: CourseRun): void {
  const key = enrollmentKey(user.email, course.courseKey);
  const invitation = state.enrollmentAllowed.get(key);
  if (invitation?.userId === null) state.enrollmentAllowed.set(key, { ...invitation, userId: user.id });
}
