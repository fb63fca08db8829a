import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { AnswerNow } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import { toInstant } from '../instant.js';
import type { Lms } from '../lms.js';
import { type CourseRun, type LmsUser } from '../rows.js';
import { enrollmentKey } from '../state.js';
import { requireStaff } from './access.js';
import { addToCohort, cohortsOf } from './cohort-members.js';
import { isCourseKey } from './course-key.js';
import { putEnrollment } from './enrollment/enroll.js';
import { defaultMode } from './modes.js';

/** What a call asks for, checked. */
interface BulkOrder {
  readonly action: 'enroll' | 'unenroll';
  readonly identifiers: readonly string[];
  readonly courseKeys: readonly string[];
  readonly cohorts: readonly string[];
  readonly autoEnroll: boolean;
  readonly emailStudents: boolean;
}

/** `bulk_enroll`: identifiers × courses in one call; past windows and capacities. */
export function bulkEnrollViews(lms: Lms): View[] {
  return [
    apiView('/api/bulk_enroll/v1/bulk_enroll', {
      profile: 'P4',
      permission: requireStaff,
      throttle: 'enrollment',
      methods: { POST: (call) => bulkEnroll(lms, call) },
    }),
  ];
}

async function bulkEnroll(lms: Lms, call: Call): Promise<Answer> {
  const order = readOrder(await call.data());
  const courses = order.courseKeys.map((key) => {
    const course = lms.state.course(key);
    if (course !== undefined) return course;
    // The page that this view calls looks for the course before anything is done.
    call.setCsrfCookie();
    throw new AnswerNow(json({ detail: 'Not found.' }, 404));
  });
  const results = lms.state.atomically(() =>
    courses.map((course, at) => [
      course.courseKey,
      {
        action: order.action,
        results: order.identifiers.map((identifier) => apply(lms, call, order, course, identifier, order.cohorts[at])),
        auto_enroll: order.autoEnroll,
      },
    ]),
  );
  return json({
    auto_enroll: order.autoEnroll,
    email_students: order.emailStudents,
    action: order.action,
    courses: Object.fromEntries(results),
  });
}

/** @throws AnswerNow 400 with a list of messages for each bad field */
function readOrder(body: unknown): BulkOrder {
  const fields: Record<string, unknown> = body !== null && typeof body === 'object' ? { ...body } : {};
  const errors: Record<string, string[]> = {};
  const text = (name: string, isListAllowed: boolean, isRequired = true): string => {
    // Of a JSON list only the first element is looked at.
    const value = isListAllowed && Array.isArray(fields[name]) ? fields[name][0] : fields[name];
    if (value === undefined && isRequired) errors[name] = ['This field is required.'];
    else if (value !== undefined && typeof value !== 'string') errors[name] = ['Not a valid string.'];
    return typeof value === 'string' ? value : '';
  };
  const identifiers = text('identifiers', false);
  const courses = text('courses', true);
  const cohorts = text('cohorts', true, false).split(',').filter(Boolean);
  const { action } = fields;
  if (action === undefined) errors.action = ['This field is required.'];
  else if (action !== 'enroll' && action !== 'unenroll') errors.action = [`"${action}" is not a valid choice.`];
  const bad = errors.courses === undefined ? courses.split(',').find((key) => !isCourseKey(key)) : undefined;
  if (bad !== undefined) errors.courses = [`Course key not valid: ${bad}`];
  const isEnrolling = action === 'enroll';
  if (Object.keys(errors).length === 0 && cohorts.length > 0) {
    if (!isEnrolling) errors.non_field_errors = ['Cohorts can only be used for enrollments.'];
    else if (cohorts.length !== courses.split(',').length)
      errors.non_field_errors = ['If provided, the number of cohorts and courses should match.'];
  }
  if (Object.keys(errors).length > 0) throw new AnswerNow(json(errors, 400));
  return {
    action: isEnrolling ? 'enroll' : 'unenroll',
    identifiers: identifiers.split(/[\s,]+/).filter(Boolean),
    courseKeys: courses.split(','),
    cohorts,
    autoEnroll: fields.auto_enroll === true || fields.auto_enroll === 'true',
    emailStudents: fields.email_students === true || fields.email_students === 'true',
  };
}

function apply(
  lms: Lms,
  call: Call,
  { action, autoEnroll }: BulkOrder,
  course: CourseRun,
  identifier: string,
  cohort: string | undefined,
): Record<string, unknown> {
  const { state } = lms;
  const user = identifier.includes('@') ? state.usersByEmail.one(identifier.toLowerCase()) : state.user(identifier);
  const email = user?.email ?? identifier;
  if (!/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(email)) return { identifier, invalidIdentifier: true };
  const before = stateOf(lms, user, email, course);
  if (action === 'enroll') enroll(lms, call, user, email, course, autoEnroll);
  else unenroll(lms, call, user, email, course);
  const isInCohort =
    cohort !== undefined && user !== undefined && addToCohort(lms, course.courseKey, cohort, user.username);
  const after = stateOf(lms, user, email, course);
  return isInCohort
    ? { identifier, before, after: { ...after, cohort: cohortOf(lms, user, course) } }
    : { identifier, before, after };
}

function cohortOf(lms: Lms, user: LmsUser, { courseKey }: CourseRun): string | null {
  return cohortsOf(lms, courseKey).find(({ usernames }) => usernames.includes(user.username))?.name ?? null;
}

function stateOf(
  { state }: Lms,
  user: LmsUser | undefined,
  email: string,
  { courseKey }: CourseRun,
): Record<string, boolean> {
  const invitation = state.enrollmentAllowed.get(enrollmentKey(email, courseKey));
  return {
    user: user !== undefined,
    enrollment: user !== undefined && state.enrollment(user.username, courseKey)?.isActive === true,
    allowed: invitation !== undefined,
    auto_enroll: invitation?.autoEnroll ?? false,
  };
}

/** An unknown or inactive account is allowed to enroll later. */
function enroll(
  lms: Lms,
  call: Call,
  user: LmsUser | undefined,
  email: string,
  course: CourseRun,
  autoEnroll: boolean,
): void {
  const { state } = lms;
  if (user?.isActive) {
    const row = state.enrollment(user.username, course.courseKey);
    const mode = row?.isActive ? row.mode : defaultMode(course, call.now);
    putEnrollment(lms, user, course, { mode, isActive: true }, call.now);
    return;
  }
  const created = toInstant(call.now);
  const { courseKey } = course;
  state.enrollmentAllowed.set(enrollmentKey(email, courseKey), { email, courseKey, autoEnroll, userId: null, created });
}

function unenroll(lms: Lms, call: Call, user: LmsUser | undefined, email: string, course: CourseRun): void {
  const row = user && lms.state.enrollment(user.username, course.courseKey);
  if (user && row?.isActive) putEnrollment(lms, user, course, { mode: row.mode, isActive: false }, call.now);
  lms.state.enrollmentAllowed.delete(enrollmentKey(email, course.courseKey));
}
