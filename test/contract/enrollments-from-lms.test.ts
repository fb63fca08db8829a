import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { pullLever, type SandboxRequest } from '../support/sandbox-levers.js';
import { type Person, type School, startSchool } from './enrollment-school.js';

const run1 = 'course-v1:OpenSchool+DATA1+R1';
const demo = 'course-v1:edX+DemoX+Demo_Course';

let school: School;
beforeAll(async () => {
  school = await startSchool();
});
afterAll(() => school[Symbol.asyncDispose]());
beforeEach(() => school.site.lms.forgetRequests());
afterEach(() => school.site.lms.heal());

let number = 0;
const somebody = () => {
  number += 1;
  return school.person(`pupil-${number}`);
};

async function announce(what: 'enrollment' | 'certificate', body: unknown, token?: string) {
  const answer = await fetch(`${school.site.url}/api/openedx_webhook/${what}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const about = ({ account }: Person, courseKey: string) => ({
  email: account.email,
  course_id: courseKey,
  role: 'staff',
});

test('58: whoever has no edX account gets one first, and is enrolled then', async () => {
  const { site } = school;
  await site.lms.faults([{ match: '/user_api/v1/account/registration/', mode: 'down', times: 2 }]);
  const account = await site.aPerson({ username: 'newcomer', isLinked: false });
  const caller = await site.caller(account, 'learning:read learning:write');
  const id = Buffer.from(`Account:${account.id}`).toString('base64url');
  const newcomer: Person = { account, caller, id };
  const asked = await school.mutate(newcomer, 'enrollInCourse', { courseKey: run1 }, 'enrollment { state }');
  expect(asked).toMatchObject({ enrollment: { state: 'PENDING' }, userErrors: [] });
  await site.lms.heal();
  expect(await school.settled(newcomer, run1)).toMatchObject({ state: 'ACTIVE', attempts: 0 });
});

test('58: whoever cannot have an edX account is a dead letter, user_missing, until they can', async () => {
  const { services, orm } = school.site.gateway.context;
  const pupil = await somebody();
  const failure = { upstream: 'lms', code: 'name-invalid', message: 'name: no', retryable: false, at: new Date() };
  await orm.em
    .fork()
    .execute(
      `update edx_link set state = 'REJECTED', edx_username = null, last_error = ?::jsonb where account_id = ?`,
      [JSON.stringify(failure), pupil.account.id],
    );
  await school.mutate(pupil, 'enrollInCourse', { courseKey: run1 }, 'enrollment { id }');
  expect(await school.settled(pupil, run1)).toMatchObject({
    state: 'REJECTED',
    failedIntent: 'ENROLL',
    lastError: { code: 'user_missing' },
  });
  await services.edxLinks.ensure(pupil.account.id, { accountId: null });
  await eventually('it is active', async () => (await school.enrollment(pupil, run1))?.state === 'ACTIVE');
});

test('66: whoever turns out to be enrolled in the LMS is marked so, and no dead letter any more', async () => {
  const pupil = await somebody();
  const closed = 'course-v1:OpenSchool+CLOSED+2020';
  await school.mutate(pupil, 'enrollInCourse', { courseKey: closed }, 'enrollment { id }');
  expect(await school.settled(pupil, closed)).toMatchObject({ state: 'REJECTED', failedIntent: 'ENROLL' });
  await school.changeAtLms(pupil, { courseKey: closed, mode: 'audit', isActive: true, force: true });
  const row = await school.settled(pupil, closed);
  const { enrollmentRetries, enrollments } = school.site.gateway.context.services;
  expect(await enrollmentRetries.retry(row.id, {}, { accountId: null })).toBe('replayed');
  expect(await school.settled(pupil, closed)).toMatchObject({ state: 'ACTIVE', failedIntent: null, lastError: null });
  expect((await enrollments.history([row.id])).map(({ cause }) => cause)).toEqual([
    'enroll-requested',
    'enrollment-closed',
    'retried',
    'confirmed',
  ]);
});

test('70: a learner gets the mails of a course, or not: told to the LMS with the learner’s own token', async () => {
  const pupil = await somebody();
  const set = (receive: boolean) =>
    school.mutate(pupil, 'setCourseEmails', { courseKey: demo, receive }, 'enrollment { receivesEmails }');
  expect(await set(true)).toMatchObject({ enrollment: null, userErrors: [{ code: 'NOT_ENROLLED' }] });
  await school.mutate(pupil, 'enrollInCourse', { courseKey: demo }, 'enrollment { id }');
  await school.settled(pupil, demo);
  for (const receive of [false, true]) {
    expect(await set(receive)).toMatchObject({ enrollment: { receivesEmails: receive }, userErrors: [] });
    await eventually('the LMS was told', async () => {
      const row = await school.enrollment(pupil, demo);
      return row?.emailsVersion === row?.emailsToldVersion;
    });
  }
  await set(true);
  const all = (await pullLever(school.site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
  const told = all.filter(({ path }) => path === '/api/change_email_settings');
  expect(told.map(({ auth, status }) => [auth, status])).toEqual([
    [`bearer:${pupil.account.username}`, 200],
    [`bearer:${pupil.account.username}`, 200],
  ]);
});

test('71: an enrollment that the LMS made is taken down once, looked at, and never sent back', async () => {
  const { token } = school.staff.caller;
  const pupil = await somebody();
  await school.changeAtLms(pupil, { courseKey: demo, mode: 'verified', isActive: true });
  await school.site.lms.forgetRequests();
  const first = await announce('enrollment', about(pupil, demo), token);
  expect(first).toMatchObject({ status: 201, body: { active: true } });
  expect(await announce('enrollment', about(pupil, demo), token)).toMatchObject({
    status: 200,
    body: { enrollment_id: first.body.enrollment_id, active: true },
  });
  const row = await eventually('it is confirmed', async () => {
    const present = await school.enrollment(pupil, demo);
    return present?.confirmedByLms ? present : undefined;
  });
  expect(row).toMatchObject({ state: 'ACTIVE', mode: 'verified', intent: null });
  expect(await school.history(row)).toEqual(['announced-by-lms', 'announced-by-lms']);
  expect(await school.posts()).toEqual([]);
});

test('71: what the LMS tells of nobody, of nothing, or without a right, is refused', async () => {
  const { token } = school.staff.caller;
  const pupil = await somebody();
  const told = about(pupil, demo);
  expect(await announce('enrollment', told)).toMatchObject({ status: 401 });
  expect(await announce('enrollment', told, 'no-such-token')).toMatchObject({ status: 401 });
  expect(await announce('enrollment', told, pupil.caller.token)).toMatchObject({ status: 403 });
  expect(await announce('enrollment', { ...told, email: 'nobody@example.org' }, token)).toMatchObject({ status: 404 });
  expect(await announce('enrollment', { ...told, course_id: 'course-v1:No+Such+Run' }, token)).toMatchObject({
    status: 404,
  });
  expect(await announce('enrollment', { ...told, course_id: 'nonsense' }, token)).toMatchObject({ status: 400 });
  expect(await announce('enrollment', { email: pupil.account.email }, token)).toMatchObject({ status: 400 });
  expect(await announce('enrollment', '{', token)).toMatchObject({ status: 400 });
  expect(await school.enrollment(pupil, demo)).toBeUndefined();
});

test('71: a wish that is under way here is not overwritten by what the LMS tells', async () => {
  const pupil = await somebody();
  await school.mutate(pupil, 'enrollInCourse', { courseKey: demo }, 'enrollment { id }');
  await school.settled(pupil, demo);
  await school.site.lms.faults([{ match: '/api/enrollment/*', method: 'POST', mode: 'down', times: 1 }]);
  await school.mutate(pupil, 'unenrollFromCourse', { courseKey: demo }, 'enrollment { id }');
  expect(await announce('enrollment', about(pupil, demo), school.staff.caller.token)).toMatchObject({ status: 200 });
  expect(await school.settled(pupil, demo)).toMatchObject({ state: 'INACTIVE' });
});

test('72: a certificate that the LMS issued is read anew, however often it says so', async () => {
  const { token } = school.staff.caller;
  const pupil = await somebody();
  await school.mutate(pupil, 'enrollInCourse', { courseKey: demo }, 'enrollment { id }');
  await school.settled(pupil, demo);
  const { username } = pupil.account;
  await school.site.lms.grade({ username, courseKey: demo, percent: 0.9, letterGrade: 'A' });
  await school.site.lms.forgetRequests();
  for (let time = 0; time < 2; time += 1)
    expect(await announce('certificate', about(pupil, demo), token)).toMatchObject({ status: 200 });
  const { grades } = school.site.gateway.context.services;
  const [grade] = await eventually('the grade was read', async () => {
    const found = await grades.find([{ accountId: pupil.account.id, courseKey: demo }]);
    return found.length > 0 && found;
  });
  expect(grade).toMatchObject({ percent: 0.9 });
  expect(await announce('certificate', about(pupil, demo))).toMatchObject({ status: 401 });
  expect(await announce('certificate', { ...about(pupil, demo), email: 'x@example.org' }, token)).toMatchObject({
    status: 404,
  });
  expect(await school.posts()).toEqual([]);
});
