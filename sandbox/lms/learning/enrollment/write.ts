import { type Answer, empty, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow } from '../../http/errors.js';
import { LmsCrash } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, Enrollment, EnrollmentAttribute, LmsUser } from '../../rows.js';
import { isCallerStaff, isPrivileged } from '../access.js';
import { addToCohort } from '../cohort-members.js';
import { isCourseKey } from '../course-key.js';
import { defaultMode, modesOf } from '../modes.js';
import { courseDetails, enrollmentView } from './course-details.js';
import { findRefusal, putEnrollment } from './enroll.js';

/** Modes that learners may choose themselves. */
const FREE_MODES = ['audit', 'honor'];
const CREDIT_ATTRIBUTE = 'credit:provider_id';

/** What the body asks for, after the checks that need nothing but the body and the caller. */
interface Wish {
  readonly user: LmsUser;
  readonly courseKey: string;
  readonly mode: string | null;
  readonly isActive: boolean | null;
  readonly isForced: boolean;
  readonly attributes: readonly Readonly<Record<string, unknown>>[];
  readonly cohort: string | null;
}

/** `POST enrollment`: creates, re-activates, changes the mode, deactivates; checks in the LMS's order. */
export async function writeEnrollment(lms: Lms, call: Call): Promise<Answer> {
  const body: unknown = await call.data();
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new LmsCrash('The body has no get()');
  const wish = readWish(lms, call, { ...body });
  const before = lms.state.enrollment(wish.user.username, wish.courseKey);
  const changesMode = before !== undefined && wish.mode !== null && before.mode !== wish.mode;
  const changesActivity = before !== undefined && wish.isActive !== null && before.isActive !== wish.isActive;
  const row =
    before !== undefined && isPrivileged(call) && (changesMode || changesActivity)
      ? update(lms, call, wish, before, changesMode && changesActivity)
      : create(lms, call, wish, before);
  // What is wrong with attributes or cohort is noticed when the enrollment itself has been written.
  writeAttributes(lms, row, wish.attributes);
  if (wish.cohort !== null && !addToCohort(lms, row.courseKey, wish.cohort, row.username))
    return refusal(`An error occured while adding to cohort [${wish.cohort}]`);
  const course = lms.state.course(row.courseKey);
  if (course === undefined) throw new LmsCrash('CourseOverview matching query does not exist.');
  return json(enrollmentView(row, course, call.now));
}

function refusal(message: string, status = 400): Answer {
  return json({ message }, status);
}

function refuse(message: string, status = 400): never {
  throw new AnswerNow(refusal(message, status));
}

function readWish(lms: Lms, call: Call, body: Readonly<Record<string, unknown>>): Wish {
  const courseKey = readCourseKey(body);
  const mode = body.mode === undefined || body.mode === null ? null : String(body.mode);
  const username = readUsername(lms, call, body);
  if (mode !== null && !FREE_MODES.includes(mode) && !isPrivileged(call))
    refuse(`User does not have permission to create enrollment with mode [${mode}].`, 403);
  const user = lms.state.user(username);
  if (user === undefined) refuse(`The user ${username} does not exist.`, 406);
  const isActive = readFlag(body.is_active, 'enrollment activation');
  const isForced = readFlag(body.force_enrollment, 'force enrollment') === true;
  return {
    user,
    courseKey,
    mode,
    isActive,
    isForced: isForced && isCallerStaff(call) && !lms.state.settings.oldRelease,
    attributes: readAttributes(body.enrollment_attributes, mode),
    cohort: body.cohort === undefined || body.cohort === null ? null : String(body.cohort),
  };
}

function readCourseKey({ course_details: details = {} }: Readonly<Record<string, unknown>>): string {
  if (details === null || typeof details !== 'object') throw new LmsCrash("'str' object has no attribute 'get'");
  const key = 'course_id' in details ? details.course_id : null;
  if (!key) refuse('Course ID must be specified to create a new enrollment.');
  if (typeof key !== 'string') throw new LmsCrash('A course key must be a string.');
  if (!isCourseKey(key)) refuse(`No course '${key}' found for enrollment`);
  return key;
}

/** Whom it is about: `user`, else the owner of `email`, else the caller. Others are hidden from those without the right. */
function readUsername(lms: Lms, call: Call, { user, email }: Readonly<Record<string, unknown>>): string {
  const caller = call.caller?.user.username ?? '';
  if (user) {
    if (user !== caller && !isPrivileged(call)) throw new AnswerNow(empty(404));
    return String(user);
  }
  if (!email) return caller;
  if (!isPrivileged(call)) throw new AnswerNow(empty(404));
  const owner = lms.state.usersByEmail.one(String(email).toLowerCase());
  return owner?.username ?? refuse(`The user with the email address ${email} does not exist.`, 406);
}

function readFlag(value: unknown, what: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  return refuse(`'${value}' is an invalid ${what} status.`);
}

function readAttributes(value: unknown, mode: string | null): Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  const attributes = value.map((each: unknown) => {
    const attribute: Record<string, unknown> = each !== null && typeof each === 'object' ? { ...each } : {};
    if (!('namespace' in attribute && 'name' in attribute)) throw new LmsCrash("KeyError: 'namespace'");
    return attribute;
  });
  const isMissing =
    mode === 'credit' && !attributes.some(({ namespace, name }) => `${namespace}:${name}` === CREDIT_ATTRIBUTE);
  return isMissing ? [{ isMissing }] : attributes;
}

/** A row exists and mode or activity differs: no window, capacity or invitation is looked at. */
function update(lms: Lms, call: Call, wish: Wish, before: Enrollment, changesBoth: boolean): Enrollment {
  const { mode, isActive, attributes } = wish;
  if (changesBoth && isActive === false)
    refuse(`Enrollment mode mismatch: active mode=${before.mode}, requested mode=${mode}. Won't deactivate.`);
  if (attributes.some(({ isMissing }) => isMissing === true))
    refuse(`Missing enrollment attributes: requested mode=${mode} required attributes=['${CREDIT_ATTRIBUTE}']`);
  const course = findCourse(lms, wish.courseKey);
  if (mode !== null) requireMode(call, course, mode, call.hasApiKey || isActive === false);
  return putEnrollment(
    lms,
    wish.user,
    course,
    { mode: mode ?? before.mode, isActive: isActive ?? before.isActive },
    call.now,
  );
}

/** No row, or nothing that differs: mode, window, capacity, then "already enrolled", which changes nothing. */
function create(lms: Lms, call: Call, wish: Wish, before: Enrollment | undefined): Enrollment {
  const course = findCourse(lms, wish.courseKey);
  const mode = wish.mode ?? defaultMode(course, call.now);
  requireMode(call, course, mode, wish.isForced || wish.isActive === false);
  const { user } = wish;
  if (findRefusal(lms, user, course, call.now, wish.isForced) !== null)
    refuse(
      `An error occurred while creating the new course enrollment for user '${user.username}' in course '${course.courseKey}'`,
    );
  if (before?.isActive) throw new AnswerNow(json(enrollmentView(before, course, call.now)));
  return putEnrollment(lms, user, course, { mode, isActive: wish.isActive ?? true }, call.now);
}

function findCourse({ state }: Lms, courseKey: string): CourseRun {
  return state.course(courseKey) ?? refuse(`No course '${courseKey}' found for enrollment`);
}

function requireMode(call: Call, course: CourseRun, mode: string, withExpired: boolean): void {
  if (modesOf(course, call.now, withExpired).some(({ slug }) => slug === mode)) return;
  throw new AnswerNow(
    json(
      {
        message: `The [${mode}] course mode is expired or otherwise unavailable for course run [${course.courseKey}].`,
        course_details: courseDetails(course, call.now, withExpired),
      },
      400,
    ),
  );
}

function writeAttributes({ state }: Lms, row: Enrollment, wished: Wish['attributes']): void {
  if (wished.length === 0) return;
  const attributes: EnrollmentAttribute[] = [];
  for (const { namespace, name, value } of wished) {
    if (value === undefined) {
      const message = "'value' not in enrollment attribute";
      throw new AnswerNow(json({ message, localizedMessage: message }, 400));
    }
    attributes.push({ namespace: String(namespace), name: String(name), value: String(value) });
  }
  state.putEnrollment({ ...row, attributes });
}
