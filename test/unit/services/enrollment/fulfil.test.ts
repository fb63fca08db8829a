import { expect, test } from 'vitest';
import type { EnrollmentOutcome, EnrollmentWrite } from '../../../../src/datasources/lms/enrollment-writes.js';
import type { LmsEnrollment } from '../../../../src/datasources/lms/enrollments.js';
import { type EnrollmentApi, fulfil, type Task } from '../../../../src/services/enrollment/fulfil.js';

const options = { purpose: 'job' } as const;
const task: Task = {
  intent: 'ENROLL',
  username: 'alice',
  courseKey: 'course-v1:A+B+C',
  modes: ['verified'],
  force: false,
  isRepeat: false,
};
const enrolled = (mode: string, isActive: boolean): LmsEnrollment => ({
  username: 'alice',
  courseKey: task.courseKey,
  mode,
  isActive,
  createdAt: null,
});

/** An LMS that answers what the test says, one after the other. */
function scripted(present: LmsEnrollment | undefined, answers: EnrollmentOutcome[]) {
  const writes: EnrollmentWrite[] = [];
  let reads = 0;
  const api: EnrollmentApi = {
    readEnrollment: async () => {
      reads += 1;
      return present;
    },
    postEnrollment: async (write) => {
      writes.push(write);
      return answers[writes.length - 1] ?? { kind: 'refused', refusal: { code: 'forbidden', message: 'unexpected' } };
    },
  };
  return { api, writes, reads: () => reads };
}
const answer = (mode: string, isActive: boolean): EnrollmentOutcome => ({
  kind: 'enrolled',
  enrollment: enrolled(mode, isActive),
});

test('a first try writes without reading', async () => {
  const lms = scripted(undefined, [answer('verified', true)]);
  expect(await fulfil(lms.api, task, options)).toMatchObject({ kind: 'done' });
  expect([lms.reads(), lms.writes.length]).toEqual([0, 1]);
});

test('a repeat reads, and writes nothing that is already so', async () => {
  const lms = scripted(enrolled('verified', true), []);
  expect(await fulfil(lms.api, { ...task, isRepeat: true }, options)).toMatchObject({ kind: 'done' });
  expect(lms.writes).toEqual([]);
});

test.each([
  ['inactive', 'verified', false],
  ['in another mode', 'audit', true],
])('an answer that is %s is not believed: the LMS is asked once more', async (_what, mode, isActive) => {
  const lms = scripted(undefined, [answer(mode, isActive), answer('verified', true)]);
  expect(await fulfil(lms.api, task, options)).toMatchObject({ kind: 'done', enrollment: { mode: 'verified' } });
  expect(lms.writes).toHaveLength(2);
  expect(lms.writes[1]).toMatchObject({ isActive: true, mode: 'verified' });
});

test('an LMS that says yes twice and does not do it is told as such', async () => {
  const lms = scripted(undefined, [answer('verified', false), answer('verified', false)]);
  expect(await fulfil(lms.api, task, options)).toMatchObject({ kind: 'refused', code: 'not-activated' });
});

test('a mode can only be changed where there is an active enrollment', async () => {
  const lms = scripted(enrolled('audit', false), []);
  const change: Task = { ...task, intent: 'CHANGE_MODE' };
  expect(await fulfil(lms.api, change, options)).toMatchObject({ kind: 'refused', code: 'not-enrolled' });
  expect(lms.writes).toEqual([]);
});

test('an end that the LMS only pretends is told as such', async () => {
  const lms = scripted(enrolled('audit', true), [answer('audit', true)]);
  const end: Task = { ...task, intent: 'UNENROLL', modes: [undefined] };
  expect(await fulfil(lms.api, end, options)).toMatchObject({ kind: 'refused', code: 'not-deactivated' });
  expect(lms.writes[0]).not.toHaveProperty('mode');
});

const unavailable: EnrollmentOutcome = {
  kind: 'refused',
  refusal: { code: 'mode-unavailable', message: 'not offered' },
};

test('a mode that is not offered is replaced by the first of its fall-backs that is', async () => {
  const lms = scripted(undefined, [unavailable, unavailable, answer('audit', true)]);
  const wish: Task = { ...task, modes: ['verified', 'honor', 'audit', 'masters'] };
  expect(await fulfil(lms.api, wish, options)).toMatchObject({ kind: 'done', enrollment: { mode: 'audit' } });
  expect(lms.writes.map(({ mode }) => mode)).toEqual(['verified', 'honor', 'audit']);
});

test('what is refused for another reason is not tried in another mode', async () => {
  const closed: EnrollmentOutcome = { kind: 'refused', refusal: { code: 'enrollment-closed', message: 'closed' } };
  const lms = scripted(undefined, [closed]);
  const wish: Task = { ...task, modes: ['verified', 'audit'] };
  expect(await fulfil(lms.api, wish, options)).toMatchObject({ kind: 'refused', code: 'enrollment-closed' });
  expect(lms.writes).toHaveLength(1);
});

test('an upgrade never falls back', async () => {
  const lms = scripted(enrolled('honor', true), [unavailable]);
  const change: Task = { ...task, intent: 'CHANGE_MODE', modes: ['verified', 'audit'] };
  expect(await fulfil(lms.api, change, options)).toMatchObject({ kind: 'refused', code: 'mode-unavailable' });
  expect(lms.writes).toHaveLength(1);
});

test('whoever takes part already is never downgraded by a fall-back', async () => {
  const lms = scripted(enrolled('verified', true), [unavailable]);
  const wish: Task = { ...task, modes: ['professional', 'audit'] };
  expect(await fulfil(lms.api, wish, options)).toMatchObject({ kind: 'done', enrollment: { mode: 'verified' } });
  expect(lms.writes).toHaveLength(1);
});
