import type { Lms } from '../../lms.js';
import type { ProgramCourseEnrollment, ProgramEnrollment } from '../../program-tables.js';
import type { CourseRun, LmsUser } from '../../rows.js';
import { putEnrollment } from '../enrollment/enroll.js';

/** Modes that a learner of a program leaves for the program's own. */
const CONVERTED_MODES = ['audit', 'honor'];

/**
 * Enrolls a linked learner in a course of the program, in mode `masters` and without looking at windows. An active
 * enrollment without a price is converted in place, of which nobody is told; a paid one stays as it is. `inactive`
 * deactivates what is there then.
 */
export function enrollInMasters(lms: Lms, user: LmsUser, course: CourseRun, status: string, now: Date): void {
  const { state } = lms;
  const before = state.enrollment(user.username, course.courseKey);
  if (before?.isActive !== true) putEnrollment(lms, user, course, { mode: 'masters', isActive: true }, now);
  else if (CONVERTED_MODES.includes(before.mode)) state.putEnrollment({ ...before, mode: 'masters' });
  if (status === 'inactive') setActive(lms, user, course, false, now);
}

/** What a change of a course row's status does to the LMS enrollment that belongs to it. */
export function followStatus(
  lms: Lms,
  { username }: ProgramEnrollment,
  row: ProgramCourseEnrollment,
  course: CourseRun,
  now: Date,
): void {
  const user = username === null ? undefined : lms.state.user(username);
  if (user !== undefined && row.isAttached) setActive(lms, user, course, row.status === 'active', now);
}

function setActive(lms: Lms, user: LmsUser, course: CourseRun, isActive: boolean, now: Date): void {
  const before = lms.state.enrollment(user.username, course.courseKey);
  if (before !== undefined && before.isActive !== isActive)
    putEnrollment(lms, user, course, { mode: before.mode, isActive }, now);
}

/** Gives or takes the course's staff role. */
export function setStaffRole({ state }: Lms, username: string, course: CourseRun, isStaff: boolean): void {
  const key = `${username} ${course.courseKey} staff`;
  if (isStaff) state.courseRoles.set(key, { username, org: course.org, courseKey: course.courseKey, role: 'staff' });
  else state.courseRoles.delete(key);
}
