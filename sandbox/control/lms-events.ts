import { DELIVERIES } from '../bus/announcer.js';
import { catalogInfoOf, certificateOf, enrollmentOf, gradeOf, userData } from '../bus/event-payloads.js';
import type { EventType } from '../bus/event-types.js';
import { hashPassword } from '../lms/auth/passwords.js';
import type { Lms } from '../lms/lms.js';
import { addUser } from '../lms/population.js';
import type { Certificate, CourseRun, Enrollment, Grade, LmsUser } from '../lms/rows.js';
import type { LmsState } from '../lms/state.js';
import { InvalidLever } from './invalid-lever.js';

/** Most event types of the LMS begin with this; the lever takes them with and without it. */
const PREFIX = 'org.openedx.learning.';

type Row = Readonly<Record<string, unknown>>;

/** Makes true what an event says. @returns the whole payload, as the LMS would have written it; null when it writes none */
type Apply = (lms: Lms, payload: Row, now: Date) => Row | null;

const enrolled = (isEnded: boolean): Apply => {
  return ({ state }, payload) => {
    const row = record(payload, 'enrollment');
    const after = enroll(state, row, !isEnded);
    return { enrollment: enrollmentOf(state, after, row) };
  };
};
const certified: Apply = ({ state }, payload, now) => {
  const { before, after } = changeCertificate(state, record(payload, 'certificate'), now);
  return { certificate: certificateOf(state, before, after) };
};

/** What each event says has happened, done to the sandbox's own state. Payloads are the LMS's event records. */
const EVENTS: Readonly<Record<EventType, Apply>> = {
  'org.openedx.learning.student.registration.completed.v1': ({ state }, payload, now) => ({
    user: userData(registeredUser(state, record(payload, 'user'), now)),
  }),
  'org.openedx.learning.course.enrollment.created.v1': enrolled(false),
  'org.openedx.learning.course.enrollment.changed.v1': enrolled(false),
  'org.openedx.learning.course.unenrollment.completed.v1': enrolled(true),
  'org.openedx.learning.course.persistent_grade_summary.changed.v1': ({ state }, payload, now) => {
    const { before, after } = changeGrade(state, record(payload, 'grade'));
    return gradeOf(state, before, after, now);
  },
  'org.openedx.learning.certificate.created.v1': certified,
  'org.openedx.learning.certificate.changed.v1': certified,
  'org.openedx.learning.certificate.revoked.v1': certified,
  'org.openedx.content_authoring.course.catalog_info.changed.v1': ({ state }, payload) => ({
    catalog_info: catalogInfoOf(changeCourse(state, record(payload, 'catalog_info'))),
  }),
};

/**
 * Makes true what an LMS event says, and publishes it, where there is a bus. `delivery` disturbs it: `twice` it comes twice, `late`
 * after the next one, `spoiled` it is cut in half.
 *
 * @returns what the lever answers
 * @throws InvalidLever for an unknown type, and for a payload that names nobody or nothing that exists
 */
export async function publishEvent(lms: Lms, body: Row): Promise<Row> {
  const { type, delivery } = body;
  const known = Object.keys(EVENTS).filter((each): each is EventType => each in EVENTS);
  const name = known.find((each) => each === type || each === PREFIX + String(type));
  if (name === undefined) throw new InvalidLever(`"type" is one of ${known.join(', ')}.`);
  const disturbance = DELIVERIES.find((each) => each === delivery);
  if (delivery !== undefined && disturbance === undefined)
    throw new InvalidLever(`"delivery" is one of ${DELIVERIES.join(', ')}.`);
  const payload = lms.state.atomically(() => EVENTS[name](lms, record(body, 'payload'), lms.now()));
  if (payload !== null) lms.announcer.tell(name, payload, disturbance);
  await lms.announcer.settled();
  return { type: name, applied: true, delivered: lms.announcer.hasBus && payload !== null && delivery !== 'late' };
}

function record(row: Row, name: string): Row {
  const value = row[name];
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new InvalidLever(`"${name}" is missing in the event.`);
  return { ...value };
}

function text(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

/** The user that an event record names, by username or by id. */
function findUser(state: LmsState, row: Row): LmsUser | undefined {
  const pii: Row = row.pii !== null && typeof row.pii === 'object' ? { ...row.pii } : {};
  return state.user(text(pii, 'username')) ?? state.usersById.one(String(row.id));
}

function userOf(state: LmsState, row: Row): LmsUser {
  const user = findUser(state, row);
  if (user === undefined) throw new InvalidLever('The event names a user that the LMS does not have.');
  return user;
}

function registeredUser(state: LmsState, row: Row, now: Date): LmsUser {
  const found = findUser(state, row);
  if (found !== undefined) return found;
  const pii = record(row, 'pii');
  const dateJoined = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return addUser(state, {
    username: text(pii, 'username'),
    email: text(pii, 'email'),
    name: text(pii, 'name'),
    passwordHash: hashPassword('lms-password-1'),
    dateJoined,
    isActive: row.is_active !== false,
  });
}

function courseKeyOf(state: LmsState, row: Row): string {
  const key = text(record(row, 'course'), 'course_key');
  const course = state.course(key);
  if (course === undefined) throw new InvalidLever(`The event names a course run that the LMS does not have: ${key}`);
  return course.courseKey;
}

function enroll(state: LmsState, row: Row, mayBeActive: boolean): Enrollment {
  const { username } = userOf(state, record(row, 'user'));
  const courseKey = courseKeyOf(state, row);
  const before = state.enrollment(username, courseKey);
  const after: Enrollment = {
    id: before?.id ?? state.nextId('enrollment'),
    username,
    courseKey,
    mode: text(row, 'mode') || (before?.mode ?? 'audit'),
    isActive: mayBeActive && row.is_active !== false,
    created:
      before?.created ??
      (text(row, 'creation_date').replace('+00:00', 'Z') || new Date().toISOString().replace(/\.\d+Z$/, 'Z')),
    attributes: before?.attributes ?? [],
  };
  state.putEnrollment(after);
  return after;
}

function changeGrade(state: LmsState, row: Row): { before: Grade | undefined; after: Grade } {
  const { username } = userOf(state, { id: row.user_id });
  const letterGrade = text(row, 'letter_grade') || null;
  const percent = Math.round(Number(row.percent_grade ?? 0) * 100) / 100;
  const courseKey = courseKeyOf(state, row);
  const before = state.grade(username, courseKey);
  const after: Grade = {
    username,
    courseKey,
    percent,
    letterGrade,
    passed: letterGrade !== null,
    scorePercent: percent,
  };
  state.putGrade(after);
  return { before, after };
}

function changeCertificate(
  state: LmsState,
  row: Row,
  now: Date,
): { before: Certificate | undefined; after: Certificate } {
  const { username } = userOf(state, record(row, 'user'));
  const courseKey = courseKeyOf(state, row);
  const before = state.certificate(username, courseKey);
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const after: Certificate = {
    username,
    courseKey,
    status: text(row, 'current_status') || 'downloadable',
    mode: text(row, 'mode') || (before?.mode ?? 'honor'),
    grade: text(row, 'grade'),
    verifyUuid: before?.verifyUuid ?? crypto.randomUUID().replaceAll('-', ''),
    created: before?.created ?? at,
    modified: at,
  };
  state.putCertificate(after);
  return { before, after };
}

/** A course run that is there gets another name; a new one is made by the levers of populations. */
function changeCourse(state: LmsState, row: Row): CourseRun {
  const key = text(row, 'course_key');
  const course = state.course(key);
  if (course === undefined) throw new InvalidLever(`The event names a course run that the LMS does not have: ${key}`);
  const changed = { ...course, displayName: text(row, 'name') || course.displayName };
  state.putCourse(changed);
  return changed;
}
