import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { askGraph, dataOf } from '../support/gql.js';
import { type Person, type School, startSchool } from './enrollment-school.js';

const run1 = 'course-v1:OpenSchool+DATA1+R1';
const run2 = 'course-v1:OpenSchool+DATA1+R10';
const demo = 'course-v1:edX+DemoX+Demo_Course';
const art = 'course-v1:DemoU+ART150+2026_T1';
const closed = 'course-v1:OpenSchool+CLOSED+2020';

let school: School;
beforeAll(async () => {
  school = await startSchool({ ENROLLMENT_MODE_FALLBACKS: 'no-id-professional>professional>audit' });
});
afterAll(() => school[Symbol.asyncDispose]());
beforeEach(() => school.site.lms.forgetRequests());
afterEach(() => school.site.lms.heal());

let number = 0;
const somebody = () => {
  number += 1;
  return school.person(`learner-${number}`);
};

const enrollment = 'enrollment { state mode requestedMode confirmedByLms }';

async function enroll(who: Person, courseKey: string, mode?: string) {
  await school.mutate(school.staff, 'enrollInCourse', { accountId: who.id, courseKey, mode }, enrollment);
  return school.settled(who, courseKey);
}

test('52: enrolled as audit or verified: the LMS has it, the effective mode is stored', async () => {
  const learner = await somebody();
  const asked = await school.mutate(learner, 'enrollInCourse', { courseKey: run1, mode: 'audit' }, enrollment);
  expect(asked).toMatchObject({ enrollment: { state: 'PENDING', requestedMode: 'audit' }, userErrors: [] });
  expect(await school.settled(learner, run1)).toMatchObject({ state: 'ACTIVE', mode: 'audit', confirmedByLms: true });
  expect(await enroll(learner, demo, 'verified')).toMatchObject({ state: 'ACTIVE', mode: 'verified' });
  expect(await school.atLms(learner, demo)).toEqual({ mode: 'verified', isActive: true });
});

test('53: a mode that the run does not offer is replaced; what was asked for and what it became are both kept', async () => {
  const learner = await somebody();
  const row = await enroll(learner, art, 'no-id-professional');
  expect(row).toMatchObject({ state: 'ACTIVE', requestedMode: 'no-id-professional', mode: 'audit' });
  expect(await school.atLms(learner, art)).toEqual({ mode: 'audit', isActive: true });
  expect(await school.history(row)).toEqual(['enroll-requested', 'confirmed-in-fall-back-mode']);
  expect(await school.posts()).toHaveLength(3);
});

test('54: a closed run takes whom staff force into it, and nobody else', async () => {
  const learner = await somebody();
  expect(await enroll(learner, closed)).toMatchObject({ state: 'REJECTED', lastError: { code: 'enrollment-closed' } });
  await expect(
    school.mutate(learner, 'enrollInCourse', { courseKey: closed, force: true }, enrollment),
  ).rejects.toThrow('FORBIDDEN');
  const forced = { accountId: learner.id, courseKey: closed, force: true };
  await school.mutate(school.staff, 'enrollInCourse', forced, enrollment);
  expect(await school.settled(learner, closed)).toMatchObject({ state: 'ACTIVE', failedIntent: null });
});

test('55: who is enrolled already in that mode is not enrolled again', async () => {
  const learner = await somebody();
  await enroll(learner, run1, 'audit');
  await school.site.lms.forgetRequests();
  const again = await school.mutate(learner, 'enrollInCourse', { courseKey: run1, mode: 'audit' }, enrollment);
  expect(again).toMatchObject({ enrollment: { state: 'ACTIVE' }, userErrors: [] });
  expect(await school.posts()).toEqual([]);
});

test('56: whoever left is made active again, explicitly, and the answer is verified', async () => {
  const learner = await somebody();
  await enroll(learner, run1, 'audit');
  await school.mutate(learner, 'unenrollFromCourse', { courseKey: run1 }, enrollment);
  expect(await school.settled(learner, run1)).toMatchObject({ state: 'INACTIVE' });
  expect(await school.atLms(learner, run1)).toMatchObject({ isActive: false });
  expect(await enroll(learner, run1, 'audit')).toMatchObject({ state: 'ACTIVE', confirmedByLms: true });
  expect(await school.atLms(learner, run1)).toEqual({ mode: 'audit', isActive: true });
});

test('57: with the LMS down the enrollment is kept as PENDING, uses up no attempt, and follows', async () => {
  const learner = await somebody();
  await school.site.lms.faults([{ match: '/api/enrollment/*', mode: 'down', times: 1 }]);
  const asked = await school.mutate(learner, 'enrollInCourse', { courseKey: run1 }, enrollment);
  expect(asked).toMatchObject({ enrollment: { state: 'PENDING', confirmedByLms: false }, userErrors: [] });
  const waiting = await eventually('it has to wait', async () => {
    const row = await school.enrollment(learner, run1);
    return row?.lastError ? row : undefined;
  });
  expect(waiting).toMatchObject({ state: 'PENDING', attempts: 0, lastError: { retryable: true } });
  expect(await school.settled(learner, run1)).toMatchObject({ state: 'ACTIVE', attempts: 0, lastError: null });
});

test('59: upgraded and downgraded in the LMS and here, each with a line in the history', async () => {
  const learner = await somebody();
  await enroll(learner, demo, 'audit');
  for (const mode of ['verified', 'audit']) {
    const input = { accountId: learner.id, courseKey: demo, mode };
    await school.mutate(school.staff, 'changeEnrollmentMode', input, enrollment);
    expect(await school.settled(learner, demo)).toMatchObject({ state: 'ACTIVE', mode });
    expect(await school.atLms(learner, demo)).toEqual({ mode, isActive: true });
  }
  const row = await school.settled(learner, demo);
  expect(await school.history(row)).toEqual([
    'enroll-requested',
    'confirmed',
    'change-mode-requested',
    'confirmed',
    'change-mode-requested',
    'confirmed',
  ]);
});

test('60: unenrolled in the LMS first; where the LMS fails, the enrollment stands', async () => {
  const learner = await somebody();
  await enroll(learner, run1, 'audit');
  await school.site.lms.faults([{ match: '/api/enrollment/*', method: 'POST', mode: 'down', times: 1 }]);
  await school.mutate(learner, 'unenrollFromCourse', { courseKey: run1 }, enrollment);
  const waiting = await eventually('it has to wait', async () => {
    const row = await school.enrollment(learner, run1);
    return row?.lastError ? row : undefined;
  });
  expect(waiting).toMatchObject({ state: 'ACTIVE', intent: 'UNENROLL' });
  expect(await school.settled(learner, run1)).toMatchObject({ state: 'INACTIVE' });
  expect(await school.atLms(learner, run1)).toMatchObject({ isActive: false });
});

const move = 'move { id kind state steps { name outcome reason } source { state } target { state } }';

async function moved(who: Person, courseKey: string) {
  const row = await school.enrollment(who, courseKey);
  return eventually('the move is over', async () => {
    const [latest] = (await school.site.gateway.context.services.enrollmentMoves.ofEnrollments([row?.id ?? ''])).slice(
      -1,
    );
    return latest && latest.state !== 'RUNNING' ? latest : undefined;
  });
}

test('61: deferred: enrolled in the later run first, then ended in the earlier one, step by step', async () => {
  const learner = await somebody();
  await enroll(learner, run1, 'audit');
  const input = { accountId: learner.id, courseKey: run1, toCourseKey: run2 };
  const asked = await school.mutate(school.staff, 'deferEnrollment', input, move);
  expect(asked).toMatchObject({
    move: { kind: 'DEFER', state: 'RUNNING', source: { state: 'ACTIVE' }, target: { state: 'PENDING' } },
    userErrors: [],
  });
  const over = await moved(learner, run1);
  expect(over).toMatchObject({
    state: 'DONE',
    steps: [
      { name: 'ENROLL_TARGET', outcome: 'DONE' },
      { name: 'END_SOURCE', outcome: 'DONE' },
    ],
  });
  expect(await school.enrollment(learner, run1)).toMatchObject({ state: 'DEFERRED' });
  expect(await school.enrollment(learner, run2)).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
  expect(await school.atLms(learner, run1)).toMatchObject({ isActive: false });
  expect(await school.atLms(learner, run2)).toEqual({ mode: 'audit', isActive: true });
});

test('61: a later run that refuses leaves the earlier enrollment as it is', async () => {
  const learner = await somebody();
  await enroll(learner, demo, 'verified');
  const input = { accountId: learner.id, courseKey: demo, toCourseKey: art };
  expect(await school.mutate(school.staff, 'deferEnrollment', input, move)).toMatchObject({
    move: null,
    userErrors: [{ code: 'OTHER_COURSE' }],
  });
  expect(await school.mutate(school.staff, 'deferEnrollment', { ...input, toCourseKey: demo }, move)).toMatchObject({
    userErrors: [{ code: 'SAME_COURSE_RUN' }],
  });
  await school.mutate(school.staff, 'deferEnrollment', { ...input, force: true }, move);
  expect(await moved(learner, demo)).toMatchObject({
    state: 'FAILED',
    steps: [{ name: 'ENROLL_TARGET', outcome: 'FAILED', reason: 'mode-unavailable' }],
  });
  expect(await school.enrollment(learner, demo)).toMatchObject({ state: 'ACTIVE', mode: 'verified' });
  // Tried again by itself it would enroll in the later run without leaving the earlier one.
  expect(await school.enrollment(learner, art)).toMatchObject({ state: 'REJECTED', failedIntent: null });
  expect(await school.atLms(learner, demo)).toEqual({ mode: 'verified', isActive: true });
});

test('62: transferred to another account, and refunded', async () => {
  const [from, to] = [await somebody(), await somebody()];
  await enroll(from, demo, 'verified');
  const transfer = { accountId: from.id, courseKey: demo, toAccountId: to.id };
  await school.mutate(school.staff, 'transferEnrollment', transfer, move);
  expect(await moved(from, demo)).toMatchObject({ state: 'DONE' });
  expect(await school.enrollment(from, demo)).toMatchObject({ state: 'TRANSFERRED' });
  expect(await school.enrollment(to, demo)).toMatchObject({ state: 'ACTIVE', mode: 'verified' });
  expect(await school.atLms(from, demo)).toMatchObject({ isActive: false });

  await school.mutate(
    school.staff,
    'refundEnrollment',
    { accountId: to.id, courseKey: demo, idempotencyKey: 'r1' },
    move,
  );
  await eventually('it is refunded', async () => (await school.enrollment(to, demo))?.state === 'REFUNDED');
  expect(await school.atLms(to, demo)).toMatchObject({ isActive: false });
  const again = { accountId: to.id, courseKey: demo };
  expect(await school.mutate(school.staff, 'refundEnrollment', again, move)).toMatchObject({
    userErrors: [{ code: 'NOT_ENROLLED' }],
  });
  await expect(school.mutate(from, 'refundEnrollment', again, move)).rejects.toThrow('FORBIDDEN');
});

test('64: each change keeps before, after and who did it', async () => {
  const learner = await somebody();
  await enroll(learner, run1, 'audit');
  const query = `query Test($id: ID!) { node(id: $id) { ... on Enrollment { history {
    cause before { state mode requestedMode } after { state mode requestedMode } actor { username } } } } }`;
  const row = await school.settled(learner, run1);
  const id = Buffer.from(`Enrollment:${row.id}`).toString('base64url');
  const { node } = await dataOf(askGraph<{ node: unknown }>(school.staff.caller, query, { id }));
  expect(node).toEqual({
    history: [
      {
        cause: 'enroll-requested',
        before: null,
        after: { state: 'PENDING', mode: null, requestedMode: 'audit' },
        actor: { username: 'registrar' },
      },
      {
        cause: 'confirmed',
        before: { state: 'PENDING', mode: null, requestedMode: 'audit' },
        after: { state: 'ACTIVE', mode: 'audit', requestedMode: 'audit' },
        actor: null,
      },
    ],
  });
});
