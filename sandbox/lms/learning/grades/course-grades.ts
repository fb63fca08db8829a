import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { type ApiViewOptions, apiView, LmsCrash, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { Enrollment } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { requireStaffOrSelf } from '../access.js';
import { codedError, findCourse } from './course-lookup.js';

export const DEFAULT_PAGE_SIZE = 50;

/** What every view of the grades API has in common. */
export const GRADES_VIEW = {
  errors: 'E2',
  unauthenticatedText: 'Incorrect authentication credentials.',
} satisfies Partial<ApiViewOptions>;

/** `courses/{key}/` and `courses/?course_id=`: stored grades, of one user or of all active learners. */
export function courseGradeViews(lms: Lms): View[] {
  const options = {
    ...GRADES_VIEW,
    profile: 'P1',
    scopes: ['grades:read'],
    permission: requireStaffOrSelf,
    methods: { GET: (call: Call) => readGrades(lms, call) },
  } satisfies ApiViewOptions;
  return [apiView('/api/grades/v1/courses/{course_key}/', options), apiView('/api/grades/v1/courses/', options)];
}

function readGrades(lms: Lms, call: Call): Answer {
  const key = call.params.course_key ?? call.argument('course_id') ?? '';
  const { courseKey } = findCourse(lms, key, 'Requested grade for unknown course');
  const username = call.argument('username');
  if (username !== null) return json([gradeOf(lms, username, courseKey)]);
  const page = cursorPage(call, activeEnrollments(lms.state, courseKey), gradesPageSize(call), byId());
  return json({ ...page, results: page.results.map((row) => gradeView(lms.state, row, true)) });
}

/** The LMS cuts no large pages, and crashes on a page of none. */
export function gradesPageSize(call: Call): number {
  const size = pageSizeArgument(call, DEFAULT_PAGE_SIZE);
  if (size === 0) throw new LmsCrash('A page of no rows has no position.');
  return size;
}

/** Active enrollments of a course in the order of their ids. */
export function activeEnrollments(state: LmsState, courseKey: string): Enrollment[] {
  const rows = state.enrollmentsByCourse.of(courseKey.toLowerCase()).filter(({ isActive }) => isActive);
  return rows.sort((a, b) => a.id - b.id);
}

function gradeOf({ state }: Lms, username: string, courseKey: string): Record<string, unknown> {
  const user = state.user(username);
  if (user === undefined)
    throw codedError('The user matching the requested username does not exist.', 'user_does_not_exist');
  const row = state.enrollment(user.username, courseKey);
  if (row === undefined)
    throw codedError('The user matching the requested username is not enrolled in this course', 'user_not_enrolled');
  return gradeView(state, row, false);
}

/** A learner without a stored grade has 0. The e-mail is shown of masters learners only, and only in lists. */
function gradeView(state: LmsState, row: Enrollment, isInList: boolean): Record<string, unknown> {
  const grade = state.grade(row.username, row.courseKey);
  const isShown = isInList && row.mode === 'masters';
  return {
    username: row.username,
    email: isShown ? (state.user(row.username)?.email ?? '') : '',
    course_id: row.courseKey,
    passed: grade?.passed ?? false,
    percent: grade?.percent ?? 0,
    letter_grade: grade?.letterGrade ?? null,
  };
}
