import { hashPassword } from '../lms/auth/passwords.js';
import type { Lms } from '../lms/lms.js';
import { addUser } from '../lms/population.js';
import type { LmsUser } from '../lms/rows.js';
import type { LmsState } from '../lms/state.js';
import { InvalidLever } from './invalid-lever.js';

/** Event types of the LMS begin with this; the lever takes them with and without it. */
const PREFIX = 'org.openedx.learning.';

type Row = Readonly<Record<string, unknown>>;
type Apply = (state: LmsState, payload: Row, now: Date) => void;

/** What each event says has happened, done to the sandbox's own state. Payloads are the LMS's event records. */
const EVENTS: Readonly<Record<string, Apply>> = {
  'student.registration.completed.v1': (state, payload, now) =>
    void registeredUser(state, record(payload, 'user'), now),
  'course.enrollment.created.v1': (state, payload) => enroll(state, record(payload, 'enrollment'), true),
  'course.enrollment.changed.v1': (state, payload) => enroll(state, record(payload, 'enrollment'), true),
  'course.unenrollment.completed.v1': (state, payload) => enroll(state, record(payload, 'enrollment'), false),
  'course.persistent_grade_summary.changed.v1': (state, payload) => changeGrade(state, record(payload, 'grade')),
  'certificate.created.v1': (state, payload, now) => changeCertificate(state, record(payload, 'certificate'), now),
  'certificate.changed.v1': (state, payload, now) => changeCertificate(state, record(payload, 'certificate'), now),
  'certificate.revoked.v1': (state, payload, now) => changeCertificate(state, record(payload, 'certificate'), now),
};

/**
 * Makes true what an LMS event says.
 *
 * @returns the full type of the event
 * @throws InvalidLever for an unknown type, and for a payload that names nobody or nothing that exists
 */
export function applyEvent(lms: Lms, body: Row): string {
  const { type } = body;
  const name = typeof type === 'string' ? type.replace(PREFIX, '') : '';
  const apply = EVENTS[name];
  if (apply === undefined)
    throw new InvalidLever(
      `"type" is one of ${Object.keys(EVENTS)
        .map((each) => PREFIX + each)
        .join(', ')}.`,
    );
  lms.state.atomically(() => apply(lms.state, record(body, 'payload'), lms.now()));
  return PREFIX + name;
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

function enroll(state: LmsState, row: Row, mayBeActive: boolean): void {
  const { username } = userOf(state, record(row, 'user'));
  const courseKey = courseKeyOf(state, row);
  const before = state.enrollment(username, courseKey);
  state.putEnrollment({
    id: before?.id ?? state.nextId('enrollment'),
    username,
    courseKey,
    mode: text(row, 'mode') || (before?.mode ?? 'audit'),
    isActive: mayBeActive && row.is_active !== false,
    created:
      before?.created ??
      (text(row, 'creation_date').replace('+00:00', 'Z') || new Date().toISOString().replace(/\.\d+Z$/, 'Z')),
    attributes: before?.attributes ?? [],
  });
}

function changeGrade(state: LmsState, row: Row): void {
  const { username } = userOf(state, { id: row.user_id });
  const letterGrade = text(row, 'letter_grade') || null;
  const percent = Math.round(Number(row.percent_grade ?? 0) * 100) / 100;
  state.putGrade({
    username,
    courseKey: courseKeyOf(state, row),
    percent,
    letterGrade,
    passed: letterGrade !== null,
    scorePercent: percent,
  });
}

function changeCertificate(state: LmsState, row: Row, now: Date): void {
  const { username } = userOf(state, record(row, 'user'));
  const courseKey = courseKeyOf(state, row);
  const before = state.certificate(username, courseKey);
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  state.putCertificate({
    username,
    courseKey,
    status: text(row, 'current_status') || 'downloadable',
    mode: text(row, 'mode') || (before?.mode ?? 'honor'),
    grade: text(row, 'grade'),
    verifyUuid: before?.verifyUuid ?? crypto.randomUUID().replaceAll('-', ''),
    created: before?.created ?? at,
    modified: at,
  });
}
