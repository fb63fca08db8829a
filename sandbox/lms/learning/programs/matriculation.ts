import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { ProgramEnrollment } from '../../program-tables.js';
import type { LmsUser, SocialLink } from '../../rows.js';
import { enrollInMasters, setStaffRole } from './masters-enrollment.js';
import { requireUnlinked } from './program-enrollments.js';

/**
 * What follows when a social-auth row is saved, by a sign-in for example: places in programs that wait for its key are
 * linked to its user. Rows whose `uid` is not `slug:key` are passed over, and so are programs of other organizations.
 *
 * @throws LmsCrash or Error when a learner cannot be enrolled: the sign-in fails with it, and what was linked before stays
 */
export function matriculate(lms: Lms, link: SocialLink, now: Date): void {
  const { state } = lms;
  const [slug = '', studentKey, ...rest] = link.uid.split(':');
  if (studentKey === undefined || rest.length > 0) return;
  const organization = state.programs.samlProviders.get(slug)?.organization;
  const user = state.user(link.username);
  if (organization == null || user === undefined) return;
  const waiting = state.programs.byKey.of(studentKey.toLowerCase()).filter(({ username }) => username === null);
  for (const row of waiting) {
    const [authoring] = state.catalog.programs.get(row.programUuid)?.organizations ?? [];
    if (authoring === organization) linkLearner(lms, row, user, now);
  }
}

/**
 * Links a place in a program to a user, enrolls them in its courses and gives them the staff roles that waited.
 *
 * @throws LmsCrash when the user has another place in the curriculum
 * @throws Error when the LMS has no such course
 */
export function linkLearner(lms: Lms, row: ProgramEnrollment, user: LmsUser, now: Date): void {
  const { programs } = lms.state;
  const linked = { ...row, username: user.username, modified: toInstant(now) };
  requireUnlinked(lms, linked);
  programs.putEnrollment(linked);
  for (const courseRow of programs.byEnrollment.of(String(row.id))) {
    const course = lms.state.course(courseRow.courseKey);
    if (course === undefined) throw new Error(`The LMS has no course ${courseRow.courseKey}.`);
    enrollInMasters(lms, user, course, courseRow.status, now);
    programs.putCourseEnrollment({ ...courseRow, isAttached: true });
    if (courseRow.isCourseStaff) setStaffRole(lms, user.username, course, true);
  }
}

/** Detaches a user from a place: its course enrollments end, in mode `audit` where the course has it. */
export function unlinkLearner(lms: Lms, row: ProgramEnrollment, now: Date): ProgramEnrollment {
  const { state } = lms;
  const unlinked = { ...row, username: null, modified: toInstant(now) };
  state.programs.putEnrollment(unlinked);
  for (const courseRow of state.programs.byEnrollment.of(String(row.id))) {
    state.programs.putCourseEnrollment({ ...courseRow, isAttached: false });
    const enrollment = row.username === null ? undefined : state.enrollment(row.username, courseRow.courseKey);
    if (!courseRow.isAttached || enrollment === undefined) continue;
    const hasAudit = state.course(courseRow.courseKey)?.modes.some(({ slug }) => slug === 'audit') === true;
    state.putEnrollment({ ...enrollment, isActive: false, mode: hasAudit ? 'audit' : enrollment.mode });
  }
  return unlinked;
}
