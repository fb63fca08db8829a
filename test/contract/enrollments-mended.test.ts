import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { askGraph, dataOf } from '../support/gql.js';
import { runCommand } from '../support/run-command.js';
import { type Payload, type Person, type School, startSchool } from './enrollment-school.js';

const run1 = 'course-v1:OpenSchool+DATA1+R1';
const demo = 'course-v1:edX+DemoX+Demo_Course';
const art = 'course-v1:DemoU+ART150+2026_T1';
const e2e = 'course-v1:edX+E2E-101+course';
const closed = 'course-v1:OpenSchool+CLOSED+2020';
const future = 'course-v1:OpenSchool+FUTURE+2099';

let school: School;
let support: Person;
beforeAll(async () => {
  school = await startSchool();
  support = await school.person('helpdesk', { roles: ['SUPPORT'] });
});
afterAll(() => school[Symbol.asyncDispose]());
beforeEach(() => school.site.lms.forgetRequests());

let number = 0;
const somebody = () => {
  number += 1;
  return school.person(`student-${number}`);
};

async function enroll(who: Person, courseKey: string) {
  await school.mutate(who, 'enrollInCourse', { courseKey }, 'enrollment { id }');
  return school.settled(who, courseKey);
}

async function portico(...args: string[]) {
  const { config } = school.site.gateway.context;
  const answer = await runCommand([...args, '--json'], {
    DATABASE_URL: config.database.url,
    OPENEDX_API_BASE_URL: school.site.gateway.sandbox.lmsUrl,
  });
  return { ...answer, json: answer.stdout === '' ? undefined : (JSON.parse(answer.stdout) as Record<string, unknown>) };
}

/** Waits for the end of an operation that a mutation began. */
async function ended(payload: Payload) {
  expect(payload.userErrors).toEqual([]);
  const query = `query Test($id: ID!) { operation(id: $id) {
    state done failed rows(first: 100) { nodes { key outcome reason } } } }`;
  const { id } = payload.operation as { id: string };
  return eventually('the operation has ended', async () => {
    const { operation } = await dataOf(askGraph<{ operation: { state: string } }>(support.caller, query, { id }));
    return ['QUEUED', 'RUNNING'].includes(operation.state) ? undefined : operation;
  });
}

test('65: refused for good is a dead letter at once, and is not tried again by itself', async () => {
  const learner = await somebody();
  const row = await enroll(learner, closed);
  expect(row).toMatchObject({ state: 'REJECTED', failedIntent: 'ENROLL', nextAttemptAt: null });
  expect(await school.site.gateway.context.services.enrollments.sweep()).toBe(0);
  expect(await school.posts()).toHaveLength(1);
  const query = `{ enrollments(first: 50, filter: { stuck: true, reasons: ["enrollment-closed"] }) {
    nodes { account { username } stateSince lastError { code } } } }`;
  const { enrollments } = await dataOf(askGraph<{ enrollments: { nodes: unknown[] } }>(support.caller, query));
  expect(enrollments.nodes).toContainEqual({
    account: { username: learner.account.username },
    stateSince: expect.any(String),
    lastError: { code: 'enrollment-closed' },
  });
});

test('67: attempts are counted anew: not without saying whose, by course run, only what has failed', async () => {
  const learner = await somebody();
  await enroll(learner, future);
  expect(await portico('reset-enrollment-retries')).toMatchObject({ status: 1, json: undefined });
  const unscoped = await school.mutate(support, 'resetEnrollmentRetries', {}, 'count');
  expect(unscoped).toMatchObject({ count: null, userErrors: [{ code: 'UNSCOPED' }] });
  const dry = await portico('reset-enrollment-retries', '--run', future, '--only-exhausted', '--dry-run');
  expect(dry).toMatchObject({ status: 0, json: { dryRun: true, count: 1 } });
  const done = await portico('reset-enrollment-retries', '--run', future, '--only-exhausted');
  expect(done).toMatchObject({ status: 0, json: { dryRun: false, count: 1 } });
  const row = await school.settled(learner, future);
  expect(await school.history(row)).toEqual(expect.arrayContaining(['retries-reset']));
  const all = await school.mutate(support, 'resetEnrollmentRetries', { all: true, dryRun: true }, 'count');
  expect(all).toMatchObject({ count: expect.any(Number), userErrors: [] });
});

test('68: what failed is tried again when its cause is gone; by force also what is active', async () => {
  const learner = await somebody();
  await enroll(learner, closed);
  await school.changeAtLms(learner, { courseKey: closed, mode: 'audit', isActive: true, force: true });
  const who = learner.account.username;
  expect((await portico('retry-enrollments', who, '--run', closed, '--dry-run')).json).toMatchObject({
    count: 1,
    rows: [{ key: `${who} ${closed}`, state: 'REJECTED', reason: 'enrollment-closed' }],
  });
  expect(await portico('retry-enrollments', who, '--run', closed)).toMatchObject({ status: 0, json: { count: 1 } });
  expect(await school.settled(learner, closed)).toMatchObject({ state: 'ACTIVE', failedIntent: null });

  expect((await portico('retry-enrollments', who, '--run', closed)).json).toMatchObject({ count: 0 });
  await school.site.lms.forgetRequests();
  const forced = await school.mutate(
    support,
    'retryFailedEnrollments',
    { accountIds: [learner.id], courseKeys: [closed], force: true },
    'operation { id }',
  );
  expect(await ended(forced)).toMatchObject({ state: 'SUCCEEDED', done: 1 });
  expect(await school.settled(learner, closed)).toMatchObject({ state: 'ACTIVE' });
  expect(await school.posts()).toHaveLength(1);
  expect(await school.mutate(support, 'retryFailedEnrollments', {}, 'operation { id }')).toMatchObject({
    operation: null,
    userErrors: [{ code: 'UNSCOPED' }],
  });
});

test('69: a learner is compared with the LMS: what it has wins, each difference is told, again there is none', async () => {
  const learner = await somebody();
  for (const courseKey of [demo, e2e, run1]) await enroll(learner, courseKey);
  await school.mutate(learner, 'unenrollFromCourse', { courseKey: e2e }, 'enrollment { id }');
  await school.settled(learner, e2e);
  await school.changeAtLms(learner, { courseKey: demo, mode: 'verified', isActive: true });
  await school.changeAtLms(learner, { courseKey: e2e, isActive: true });
  await school.changeAtLms(learner, { courseKey: run1, isActive: false });
  await school.changeAtLms(learner, { courseKey: art, mode: 'audit', isActive: true });
  const name = learner.account.username;
  const rows = [
    ['created', art],
    ['deactivated', run1],
    ['mode-changed', demo],
    ['reactivated', e2e],
  ].map(([reason, courseKey]) => ({ key: `${name} ${courseKey}`, outcome: 'OK', reason }));

  await school.site.lms.forgetRequests();
  const dry = await portico('sync-enrollments', '--user', learner.account.email, '--dry-run');
  expect(dry).toMatchObject({
    status: 0,
    json: { dryRun: true, counts: { created: 1, reactivated: 1, deactivated: 1 } },
  });
  const first = await school.mutate(support, 'reconcileEnrollments', { accountIds: [learner.id] }, 'operation { id }');
  const report = (await ended(first)) as unknown as { state: string; rows: { nodes: { reason: string }[] } };
  expect(report.state).toBe('SUCCEEDED');
  expect(report.rows.nodes.toSorted((a, b) => a.reason.localeCompare(b.reason))).toEqual(rows);
  expect(await school.enrollment(learner, demo)).toMatchObject({ state: 'ACTIVE', mode: 'verified' });
  expect(await school.enrollment(learner, art)).toMatchObject({ state: 'ACTIVE', mode: 'audit', confirmedByLms: true });

  const again = await portico('sync-enrollments', '--user', name);
  expect(again).toMatchObject({
    status: 0,
    json: { state: 'SUCCEEDED', rows: [], counts: { created: 0, reactivated: 0, deactivated: 0, 'mode-changed': 0 } },
  });
  expect(await school.posts()).toEqual([]);
});

test('69: by course run; and whose enrollments has to be said', async () => {
  const learner = await somebody();
  await school.changeAtLms(learner, { courseKey: demo, mode: 'audit', isActive: true });
  expect(await portico('sync-enrollments')).toMatchObject({ status: 1 });
  const { json } = await portico('sync-enrollments', '--run', demo);
  expect(json).toMatchObject({
    state: 'SUCCEEDED',
    rows: expect.arrayContaining([
      { number: expect.any(Number), key: `${learner.account.username} ${demo}`, outcome: 'OK', reason: 'created' },
    ]),
  });
});

test('89: what was asked for and is no active enrollment in the LMS is listed, with why', async () => {
  const [waiting, served] = [await somebody(), await somebody()];
  await enroll(waiting, closed);
  await enroll(served, run1);
  const query = `{ enrollments(first: 100, filter: { unfulfilled: true }) {
    nodes { account { username } courseRun { courseKey } state confirmedByLms lastError { code } } } }`;
  const { enrollments } = await dataOf(
    askGraph<{ enrollments: { nodes: { account: { username: string } }[] } }>(support.caller, query),
  );
  expect(enrollments.nodes).toContainEqual({
    account: { username: waiting.account.username },
    courseRun: { courseKey: closed },
    state: 'REJECTED',
    confirmedByLms: false,
    lastError: { code: 'enrollment-closed' },
  });
  expect(enrollments.nodes.map(({ account }) => account.username)).not.toContain(served.account.username);
});
