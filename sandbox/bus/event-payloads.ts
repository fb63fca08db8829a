import type { Certificate, CourseRun, Enrollment, Grade, LmsUser } from '../lms/rows.js';
import type { LmsState } from '../lms/state.js';
import { writeMoment } from './event-entry.js';

export function userData({ id, username, email, isActive, profile }: LmsUser) {
  return { id, is_active: isActive, pii: { username, email, name: profile?.name ?? '' } };
}

/** @param said - another mode or activity than the row has now, as in an event that comes late */
export function enrollmentOf(state: LmsState, row: Enrollment, said: Readonly<Record<string, unknown>> = {}) {
  const { mode = row.mode, is_active: isActive = row.isActive } = said;
  return {
    user: userData(userOf(state, row.username)),
    course: courseData(courseOf(state, row.courseKey)),
    mode,
    is_active: isActive,
    creation_date: moment(row.created) ?? '',
    created_by: null,
  };
}

/** @returns null for a learner who has never passed: their event has no time of passing and cannot be written */
export function gradeOf(state: LmsState, before: Grade | undefined, after: Grade, now: Date) {
  if (!before?.passed && !after.passed) return null;
  const at = writeMoment(now);
  return {
    grade: {
      user_id: userOf(state, after.username).id,
      course: unnamed(courseOf(state, after.courseKey)),
      course_edited_timestamp: at,
      course_version: '',
      grading_policy_hash: '',
      percent_grade: after.percent,
      letter_grade: after.letterGrade ?? '',
      passed_timestamp: at,
    },
  };
}

export function certificateOf(state: LmsState, before: Certificate | undefined, after: Certificate) {
  const user = userOf(state, after.username);
  return {
    user: userData(user),
    course: unnamed(courseOf(state, after.courseKey)),
    mode: after.mode,
    grade: after.grade,
    download_url: '',
    name: user.profile?.name ?? '',
    current_status: after.status,
    previous_status: before?.status ?? '',
  };
}

export function catalogInfoOf(course: CourseRun) {
  return {
    course_key: course.courseKey,
    name: course.displayName,
    schedule_data: {
      start: moment(course.start) ?? '2030-01-01T00:00:00+00:00',
      pacing: course.selfPaced ? 'self' : 'instructor',
      end: moment(course.end),
      enrollment_start: moment(course.enrollmentStart),
      enrollment_end: moment(course.enrollmentEnd),
    },
    hidden: course.catalogVisibility === 'none',
    invitation_only: course.invitationOnly,
  };
}

function userOf(state: LmsState, username: string): LmsUser {
  const user = state.user(username);
  if (user === undefined) throw new Error(`the LMS has no user ${username}`);
  return user;
}

function courseOf(state: LmsState, courseKey: string): CourseRun {
  const course = state.course(courseKey);
  if (course === undefined) throw new Error(`the LMS has no course run ${courseKey}`);
  return course;
}

function courseData({ courseKey, displayName, start, end }: CourseRun) {
  return { course_key: courseKey, display_name: displayName, start: moment(start), end: moment(end) };
}

/** Events of grades and certificates leave the course's name out. */
function unnamed(course: CourseRun) {
  return { ...courseData(course), display_name: '' };
}

function moment(instant: string | null): string | null {
  return instant === null ? null : instant.replace(/Z$/, '+00:00');
}
