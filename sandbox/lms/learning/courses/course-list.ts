import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow, ApiError } from '../../http/errors.js';
import { type NumberedPage, numberedPage } from '../../http/pages.js';
import { type ApiViewOptions, apiView, LmsCrash, type View } from '../../http/view.js';
import { isPast } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { CourseRun } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { isCourseStaff } from '../access.js';
import { isCourseKey } from '../course-key.js';
import { fieldErrors } from '../enrollment/list-filters.js';
import { courseItem, courseOverview } from './course-item.js';
import { effectiveUser } from './visibility.js';

/** Spellings of a flag in a query. */
const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  1: true,
  false: false,
  False: false,
  0: false,
};

/** `courses/`, `courses/{key}` and `course_ids/` of the course API. */
export function courseListViews(lms: Lms): View[] {
  const open = { profile: 'P1', errors: 'E2', anonymous: true } satisfies Partial<ApiViewOptions>;
  return [
    apiView('/api/courses/v1/courses/', {
      ...open,
      throttle: 'courses',
      methods: { GET: (call) => listCourses(lms, call) },
    }),
    apiView('/api/courses/v1/courses/{course_key}[/]', { ...open, methods: { GET: (call) => readCourse(lms, call) } }),
    apiView('/api/courses/v1/course_ids/', {
      profile: 'P1',
      errors: 'E2',
      throttle: 'courses',
      methods: { GET: (call) => listCourseIds(lms, call) },
    }),
  ];
}

/** All courses by key, in the database's collation: without regard to case. */
export function coursesByKey(state: LmsState): CourseRun[] {
  const keyed = [...state.courses.entries()];
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, course]) => course);
}

/** The envelope that keeps counts and links apart from the rows. */
function namespaced<T>(page: NumberedPage<T>): Record<string, unknown> {
  const { rows, next, previous, count, numPages } = page;
  return { results: rows, pagination: { next, previous, count, num_pages: numPages } };
}

function listCourses(lms: Lms, call: Call): Answer {
  const passes = readCourseFilters(lms, call);
  effectiveUser(lms, call);
  const page = numberedPage(call, candidates(lms.state, call).filter(passes), { byDefault: 10, most: 100 });
  return json(namespaced({ ...page, rows: page.rows.map((course) => courseItem(course, call)) }));
}

/** The smallest set that an index gives: named courses are looked up. */
function candidates(state: LmsState, call: Call): CourseRun[] {
  const named = state.settings.oldRelease ? [] : courseKeys(call, {});
  if (named.length === 0) return coursesByKey(state);
  const found = named.flatMap((key) => state.course(key) ?? []);
  return [...new Set(found)].sort((a, b) => (a.courseKey.toLowerCase() < b.courseKey.toLowerCase() ? -1 : 1));
}

/** Every course of the sandbox is open to be seen, closed and hidden ones too, as the LMS's default has it. */
function readCourseFilters({ state }: Lms, call: Call): (course: CourseRun) => boolean {
  const errors: Record<string, string> = {};
  const keys = state.settings.oldRelease ? [] : courseKeys(call, errors);
  const mobile = flag(call, 'mobile', errors);
  const isActiveOnly = flag(call, 'active_only', errors) === true;
  flag(call, 'mobile_search', errors);
  if (Object.keys(errors).length > 0) throw new AnswerNow(fieldErrors(errors));
  const wanted = new Set(keys);
  const org = call.argument('org')?.trim().toLowerCase();
  return (course) =>
    (wanted.size === 0 || wanted.has(course.courseKey)) &&
    (!org || course.org.toLowerCase() === org) &&
    (mobile === null || course.mobileAvailable === mobile) &&
    (!isActiveOnly || course.end === null || !isPast(course.end, call.now));
}

function courseKeys(call: Call, errors: Record<string, string>): string[] {
  const keys = call.query
    .getAll('course_keys')
    .flatMap((value) => value.split(','))
    .filter((key) => key !== '');
  const bad = keys.find((key) => !isCourseKey(key));
  if (bad !== undefined) errors.course_keys = `'${bad}' is not a valid course key.`;
  return keys;
}

function flag(call: Call, name: string, errors: Record<string, string>): boolean | null {
  const value = call.argument(name);
  if (!value) return null;
  if (!(value in FLAGS)) errors[name] = 'Invalid Boolean Value.';
  return FLAGS[value] ?? null;
}

function readCourse(lms: Lms, call: Call): Answer {
  const key = call.param('course_key');
  if (!isCourseKey(key)) return fieldErrors({ course_key: `'${key}' is not a valid course key.` });
  const user = effectiveUser(lms, call);
  const course = lms.state.course(key);
  if (course?.courseKey !== key) throw new ApiError(404, 'Course not found.');
  const item = { ...courseItem(course, call), overview: courseOverview(course) };
  return json(
    user === null ? item : { ...item, is_enrolled: lms.state.enrollment(user.username, key)?.isActive ?? false },
  );
}

function listCourseIds(lms: Lms, call: Call): Answer {
  const role = call.argument('role')?.trim();
  if (!role) return fieldErrors({ role: 'This field is required.' });
  const user = effectiveUser(lms, call);
  // The LMS asks the anonymous user for its roles: one way crashes, the other finds none.
  if (user === null && role === 'staff')
    throw new LmsCrash("'AnonymousUser' object has no attribute 'courseaccessrole_set'");
  const keys = coursesByKey(lms.state)
    .map(({ courseKey }) => courseKey)
    .filter((key) => user !== null && isCourseStaff(lms, user, key));
  return json(namespaced(numberedPage(call, keys, { byDefault: 10, most: 1000 })));
}
