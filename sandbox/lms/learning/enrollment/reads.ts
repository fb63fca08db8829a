import { type Answer, empty, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { type ApiViewOptions, apiView, LmsCrash, type View } from '../../http/view.js';
import { compareInstants } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { Enrollment } from '../../rows.js';
import { isPrivileged } from '../access.js';
import { isCourseKey } from '../course-key.js';
import { courseDetails, enrollmentView } from './course-details.js';
import { writeEnrollment } from './write.js';

/** Single reads, the array of one user, a course, the caller's roles; and the write, which shares a path with the array. */
export function enrollmentReadViews(lms: Lms): View[] {
  const family = { profile: 'P1', apiKey: true, throttle: 'enrollment' } satisfies Partial<ApiViewOptions>;
  const read = (call: Call): Answer => readEnrollment(lms, call);
  return [
    apiView('/api/enrollment/v1/enrollment/{username},{course_key}', { ...family, methods: { GET: read } }),
    apiView('/api/enrollment/v1/enrollment/{course_key}', { ...family, methods: { GET: read } }),
    apiView('/api/enrollment/v1/enrollment', {
      ...family,
      methods: { GET: (call) => listOfUser(lms, call), POST: (call) => writeEnrollment(lms, call) },
    }),
    apiView('/api/enrollment/v1/course/{course_key}', {
      profile: 'P0',
      throttle: 'enrollment',
      methods: { GET: (call) => readCourse(lms, call) },
    }),
    apiView('/api/enrollment/v1/roles/', { ...family, methods: { GET: (call) => readRoles(lms, call) } }),
  ];
}

function callerName(call: Call): string {
  return call.caller?.user.username ?? '';
}

/** No row, no such user and no such course are one answer: nothing at all. */
function readEnrollment({ state }: Lms, call: Call): Answer {
  call.setCsrfCookie();
  const username = call.params.username ?? callerName(call);
  if (username !== callerName(call) && !isPrivileged(call)) return empty(404);
  if (!isCourseKey(call.param('course_key'))) throw new LmsCrash('InvalidKeyError');
  const row = state.enrollment(username, call.param('course_key'));
  const course = row && state.course(row.courseKey);
  return row && course ? json(enrollmentView(row, course, call.now)) : empty();
}

/** Active rows only, oldest first, all of them in one answer. */
function listOfUser({ state }: Lms, call: Call): Answer {
  call.setCsrfCookie();
  const username = call.argument('user') ?? callerName(call);
  const rows = state.enrollmentsByUsername
    .of(username.toLowerCase())
    .filter(({ isActive }) => isActive)
    .sort((a, b) => compareInstants(a.created, b.created));
  const isAllowed = username === callerName(call) || isPrivileged(call);
  const visible = isAllowed ? rows : rows.filter((row) => isStaffOf(row, callerName(call)));
  return json(
    visible.flatMap((row) => {
      const course = state.course(row.courseKey);
      return course ? [enrollmentView(row, course, call.now)] : [];
    }),
  );

  function isStaffOf({ courseKey }: Enrollment, name: string): boolean {
    return [...state.courseRoles.values()].some(
      (role) => role.role === 'staff' && role.username === name && role.courseKey === courseKey,
    );
  }
}

function readCourse({ state }: Lms, call: Call): Answer {
  const key = call.param('course_key');
  if (!isCourseKey(key)) throw new LmsCrash('InvalidKeyError');
  const course = state.course(key);
  if (course === undefined) return json({ message: `No course found for course ID '${key}'` }, 400);
  return json(courseDetails(course, call.now, Boolean(call.argument('include_expired'))));
}

function readRoles({ state }: Lms, call: Call): Answer {
  call.setCsrfCookie();
  const courseKey = call.argument('course_id');
  const roles = [...state.courseRoles.values()]
    .filter((role) => role.username === callerName(call) && (courseKey === null || role.courseKey === courseKey))
    .map((role) => ({ org: role.org, course_id: role.courseKey ?? 'None', role: role.role }));
  return json({ roles, is_staff: call.caller?.user.isStaff ?? false });
}
