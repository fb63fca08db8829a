import { expect, test } from 'vitest';
import type { Change } from '../../../src/changes/change.js';
import { createChangeFeed } from '../../../src/changes/change-feed.js';
import type { Account } from '../../../src/entities/account.entity.js';
import type { Enrollment } from '../../../src/entities/enrollment.entity.js';
import { InvalidInputError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

const demo = 'course-v1:edX+DemoX+Demo_Course';
const closed = 'course-v1:OpenSchool+CLOSED+2020';
const post = /^POST \/api\/enrollment\/v1\/enrollment/;
const read = /^GET \/api\/enrollment\/v1\/enrollment\//;

test('an enrollment is asked for at once and becomes active by its job, with its history', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const actor = { accountId: alice.id };
  const asked = await node.enrollments.request({ accountId: alice.id, courseKey: demo }, actor);
  expect(asked).toMatchObject({ state: 'PENDING', confirmedByLms: false, lmsUsername: 'alice' });
  expect(await bench.requests(post)).toEqual([]);

  await node.enrollments.perform(asked.id);
  expect(await reload(node, asked)).toMatchObject({
    state: 'ACTIVE',
    mode: 'audit',
    intent: null,
    confirmedByLms: true,
    lastError: null,
  });
  expect(await lmsEnrollment(node, 'alice', demo)).toMatchObject({ isActive: true, mode: 'audit' });
  const history = await node.enrollments.history([asked.id]);
  expect(history.map(({ cause, actorId, before, after }) => [cause, actorId, before?.state, after.state])).toEqual([
    ['enroll-requested', alice.id, undefined, 'PENDING'],
    ['confirmed', null, 'PENDING', 'ACTIVE'],
  ]);
});

test('each step of an enrollment is announced when it is committed', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await using feed = await createChangeFeed({ databaseUrl: bench.databaseUrl, logger: createLogger('silent') });
  const heard: Change[] = [];
  feed.subscribe((change) => heard.push(change));
  const alice = await linkedAccount(bench, node);
  const { id } = await enroll(node, alice, demo);
  const about = { topic: 'enrollment', accountId: alice.id, enrollmentId: id, courseKey: demo };
  await eventually('both changes', async () => heard.filter(({ topic }) => topic === 'enrollment').length === 2);
  expect(heard.filter(({ topic }) => topic === 'enrollment')).toEqual([about, { ...about, lmsUsername: 'alice' }]);
});

test('the same idempotency key is the same enrollment; for another wish it is refused', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const actor = { accountId: alice.id };
  const wish = { accountId: alice.id, courseKey: demo, idempotencyKey: 'k1' };
  const asked = await Promise.all(Array.from({ length: 8 }, () => node.enrollments.request(wish, actor)));
  expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
  await Promise.all(asked.map(({ id }) => node.enrollments.perform(id)));
  await eventually('it is active', async () => (await reload(node, asked[0])).state === 'ACTIVE');
  expect(await node.enrollments.request(wish, actor)).toMatchObject({ id: asked[0]?.id, state: 'ACTIVE' });
  expect(await bench.requests(post)).toHaveLength(1);
  const other = node.enrollments.request({ ...wish, courseKey: 'course-v1:edX+E2E-101+course' }, actor);
  await expect(other).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
  // Another person's key is another key.
  const bob = await linkedAccount(bench, node, 'bob');
  const theirs = await node.enrollments.request({ ...wish, accountId: bob.id }, { accountId: bob.id });
  expect(theirs.id).not.toBe(asked[0]?.id);
});

test.each([
  ['not a key', 'INVALID_COURSE_KEY'],
  ['course-v1:No+Such+Run', 'UNKNOWN_COURSE'],
])('the course %s is refused at once', async (courseKey, reason) => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const asked = node.enrollments.request({ accountId: alice.id, courseKey }, { accountId: alice.id });
  await expect(asked).rejects.toBeInstanceOf(InvalidInputError);
  await expect(asked).rejects.toMatchObject({ reason });
});

test('a course that the LMS cannot name while it is down is accepted, and told later', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/api/*', mode: 'refused', times: 1000 }]);
  const courseKey = 'course-v1:No+Such+Run';
  const asked = await node.enrollments.request({ accountId: alice.id, courseKey }, { accountId: alice.id });
  expect(asked.state).toBe('PENDING');
  await bench.lever('DELETE', '/_sandbox/faults');
  await node.enrollments.perform(asked.id);
  expect(await reload(node, asked)).toMatchObject({ state: 'REJECTED', lastError: { code: 'course-unknown' } });
});

test.each([
  [closed, undefined, 'enrollment-closed'],
  ['course-v1:OpenSchool+FUTURE+2099', undefined, 'enrollment-not-open'],
  ['course-v1:OpenSchool+INVITE+2026', undefined, 'invitation-only'],
  ['course-v1:DemoU+ART150+2026_T1', 'verified', 'mode-unavailable'],
])('%s in mode %s ends REJECTED as %s, at once and for good', async (courseKey, mode, code) => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const row = await enroll(node, alice, courseKey, { mode });
  expect(row).toMatchObject({ state: 'REJECTED', intent: null, lastError: { code, retryable: false } });
  await node.enrollments.perform(row.id);
  expect(await bench.requests(post)).toHaveLength(1);
});

test('staff may force an enrollment into a closed run', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  expect(await enroll(node, alice, closed, { force: true })).toMatchObject({ state: 'ACTIVE' });
});

test('whoever is enrolled in a closed run already is not refused', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.api.postEnrollment(
    { username: 'alice', courseKey: closed, mode: 'audit', isActive: true, force: true },
    { purpose: 'job' },
  );
  expect(await enroll(node, alice, closed)).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
});

test('an enrollment waits for the edX account and follows it by itself', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' }, { isWanted: false });
  const asked = await node.enrollments.request({ accountId: alice.id, courseKey: demo }, { accountId: alice.id });
  await node.enrollments.perform(asked.id);
  expect(await reload(node, asked)).toMatchObject({ state: 'PENDING', lastError: { code: 'edx-account-pending' } });
  // Being asked for was asking for the account too.
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'PENDING' });
  await using _worker = await node.work();
  await eventually('the enrollment is active', async () => (await reload(node, asked)).state === 'ACTIVE');
});

test('an enrollment of somebody whose edX account cannot be made is REJECTED, says why, and follows when it can', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice', name: 'see https://spam.example' });
  await node.edxLinks.create(alice.id);
  const row = await enroll(node, alice, demo);
  expect(row).toMatchObject({ state: 'REJECTED', lastError: { code: 'user_missing' } });
  expect(row.lastError?.message).toContain('name:');

  await bench.em.fork().execute(`update account set name = 'Alice' where id = ?`, [alice.id]);
  await node.edxPush.push(alice.id, 'profile');
  await node.edxLinks.create(alice.id);
  expect(await reload(node, row)).toMatchObject({ state: 'PENDING', intent: 'ENROLL' });
  await node.enrollments.perform(row.id);
  expect(await reload(node, row)).toMatchObject({ state: 'ACTIVE', lastError: null });
});

test.each(['down', 'reset', 'html500', 'throttle', 'lost-answer', 'truncate', 'wrong-json'])(
  'an LMS that answers with %s delays the enrollment, which happens once, and counts as nobody’s attempt',
  async (mode) => {
    await using bench = await createLinkageBench();
    await using node = await bench.node();
    const alice = await linkedAccount(bench, node);
    const fault = { match: '/api/enrollment/v1/enrollment', method: 'POST', mode, times: 1 };
    await bench.lever('PUT', '/_sandbox/faults', [{ ...fault, ...(mode === 'throttle' && { ms: 90_000 }) }]);
    const row = await enroll(node, alice, demo);
    expect(row).toMatchObject({ state: 'PENDING', attempts: 0, lastError: { upstream: 'lms', retryable: true } });
    const again = await bench.node();
    await again.enrollments.perform(row.id);
    expect(await reload(node, row)).toMatchObject({ state: 'ACTIVE', attempts: 0, lastError: null });
    const isDone = ['lost-answer', 'truncate', 'wrong-json'].includes(mode);
    expect(await bench.requests(post)).toHaveLength(isDone ? 1 : 2);
    await again[Symbol.asyncDispose]();
  },
);

test('unenrolling asks first, and asks nothing of the LMS that is so already', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const actor = { accountId: alice.id };
  const row = await enroll(node, alice, demo);
  await bench.lever('DELETE', '/_sandbox/requests');
  const asked = await node.enrollments.unenroll({ accountId: alice.id, courseKey: demo }, actor);
  expect(asked).toMatchObject({ id: row.id, state: 'ACTIVE', intent: 'UNENROLL' });
  await node.enrollments.perform(row.id);
  expect(await reload(node, row)).toMatchObject({ state: 'INACTIVE', confirmedByLms: true });
  expect([(await bench.requests(read)).length, (await bench.requests(post)).length]).toEqual([1, 1]);
  await node.enrollments.unenroll({ accountId: alice.id, courseKey: demo }, actor);
  await node.enrollments.perform(row.id);
  expect(await bench.requests(post)).toHaveLength(1);

  // Enrolled again, and ended in the LMS meanwhile.
  await enroll(node, alice, demo);
  await node.api.postEnrollment({ username: 'alice', courseKey: demo, isActive: false }, { purpose: 'job' });
  await bench.lever('DELETE', '/_sandbox/requests');
  await node.enrollments.unenroll({ accountId: alice.id, courseKey: demo }, actor);
  await node.enrollments.perform(row.id);
  expect(await reload(node, row)).toMatchObject({ state: 'INACTIVE' });
  expect(await bench.requests(post)).toEqual([]);
});

test('what was never enrolled cannot be ended; what the LMS alone knows can', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const target = { accountId: alice.id, courseKey: demo };
  const actor = { accountId: alice.id };
  await expect(node.enrollments.unenroll(target, actor)).rejects.toMatchObject({ reason: 'NOT_ENROLLED' });
  await node.api.postEnrollment({ username: 'alice', courseKey: demo, isActive: true }, { purpose: 'job' });
  expect(await node.enrollments.unenroll(target, actor)).toMatchObject({ state: 'ACTIVE', intent: 'UNENROLL' });
});

test('a wish that is taken back before its job comes leaves nothing in the LMS', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const actor = { accountId: alice.id };
  const target = { accountId: alice.id, courseKey: demo };
  const asked = await node.enrollments.request(target, actor);
  await node.enrollments.unenroll(target, actor);
  await node.enrollments.perform(asked.id);
  expect(await reload(node, asked)).toMatchObject({ state: 'INACTIVE' });
  expect(await bench.requests(post)).toEqual([]);
});

test('a mode is changed, and a refused change leaves the enrollment as it was, with the reason', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const row = await enroll(node, alice, demo);
  await node.enrollments.changeMode({ accountId: alice.id, courseKey: demo, mode: 'verified' }, systemActor);
  await node.enrollments.perform(row.id);
  expect(await reload(node, row)).toMatchObject({ state: 'ACTIVE', mode: 'verified', requestedMode: 'verified' });
  await node.enrollments.changeMode({ accountId: alice.id, courseKey: demo, mode: 'masters' }, systemActor);
  await node.enrollments.perform(row.id);
  expect(await reload(node, row)).toMatchObject({
    state: 'ACTIVE',
    mode: 'verified',
    requestedMode: 'verified',
    intent: null,
    lastError: { code: 'mode-unavailable' },
    failedIntent: 'CHANGE_MODE',
    failedMode: 'masters',
  });
});

test('what the LMS says is taken over, but for rows with a wish under way and rows that know better', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const asOf = new Date();
  const row = { username: 'alice', courseKey: demo, mode: 'audit', isActive: true, createdAt: asOf };
  const other = { ...row, courseKey: 'course-v1:edX+E2E-101+course' };
  const see = (rows: (typeof row)[], at = new Date()) =>
    node.enrollments.recordSeen([{ accountId: alice.id, lmsUsername: 'alice', rows, asOf: at }]);
  // Two requests with the same news at once.
  await Promise.all([see([row, other], asOf), see([other, row], asOf)]);
  const first = await see([row, other], asOf);
  expect(first.map(({ courseKey, state, confirmedByLms }) => [courseKey, state, confirmedByLms])).toEqual([
    [demo, 'ACTIVE', true],
    [other.courseKey, 'ACTIVE', true],
  ]);
  // Another mode, and an end.
  const later = await see(
    [
      { ...row, mode: 'verified' },
      { ...other, isActive: false },
    ],
    new Date(asOf.getTime() + 1),
  );
  expect(later.map(({ state, mode }) => [state, mode])).toEqual([
    ['ACTIVE', 'verified'],
    ['INACTIVE', 'audit'],
  ]);
  // A cached answer of before says nothing.
  expect((await see([row, other], asOf)).map(({ mode }) => mode)).toEqual(['verified', 'audit']);
  // A wish under way stands.
  const [present] = later;
  await node.enrollments.unenroll({ accountId: alice.id, courseKey: demo }, { accountId: alice.id });
  await see([{ ...row, isActive: false }], new Date(Date.now() + 1000));
  expect(await reload(node, present)).toMatchObject({ state: 'ACTIVE', intent: 'UNENROLL' });
  const history = await node.enrollments.history([present?.id ?? '']);
  expect(history.map(({ cause }) => cause)).toEqual(['seen-in-lms', 'seen-in-lms', 'unenroll-requested']);
});

test('rows that were read while the LMS was asked are looked at again before anything is written', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const asOf = new Date();
  const after = (ms: number) => new Date(asOf.getTime() + ms);
  const row = { username: 'alice', courseKey: demo, mode: 'audit', isActive: true, createdAt: asOf };
  const see = (mode: string, at: Date, local?: readonly Enrollment[]) =>
    node.enrollments.recordSeen([
      { accountId: alice.id, lmsUsername: 'alice', rows: [{ ...row, mode }], asOf: at, ...(local && { local }) },
    ]);
  const first = await see('audit', asOf);
  expect(first).toHaveLength(1);
  // Somebody else has stored it meanwhile, then changed it, each time with a later answer of the LMS.
  expect(await see('honor', after(-1), [])).toEqual(first);
  const later = await see('verified', after(2));
  expect(later.map(({ mode }) => mode)).toEqual(['verified']);
  expect(await see('honor', after(1), first)).toEqual(later);
  // What is as it was read costs nothing.
  expect(await see('verified', after(3), later)).toEqual(later);
});

test('the sweep gives a job to a wish that lost its own', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.enrollments.request({ accountId: alice.id, courseKey: demo }, { accountId: alice.id });
  expect(await node.enrollments.sweep()).toBe(0);
  await bench.em.fork().execute('delete from graphile_worker._private_jobs');
  expect(await node.enrollments.sweep()).toBe(1);
  expect(await node.enrollments.sweep()).toBe(0);
});

test('the catalogue is taken over whole, written only where it differs, and what is gone is counted', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  expect(await node.courseRuns.sync()).toMatchObject({ created: 20, updated: 0, unchanged: 0, missing: 0 });
  expect(await node.courseRuns.sync()).toMatchObject({ created: 0, updated: 0, unchanged: 20, missing: 0 });
  const [art] = await node.courseRuns.findByKeys(['course-v1:DemoU+ART150+2026_T1']);
  expect(art).toMatchObject({ title: 'Drawing & Seeing', org: 'DemoU', number: 'ART150', hidden: false });
  const em = bench.em.fork();
  await em.execute(`update course_run set title = 'Old' where course_key = ?`, [demo]);
  await em.execute(
    `insert into course_run (id, created_at, updated_at, course_key, title, org, number, as_of)
     values (gen_random_uuid(), now(), now(), 'course-v1:Gone+G1+1', 'Gone', 'Gone', 'G1', now())`,
  );
  expect(await node.courseRuns.sync()).toEqual({
    created: 0,
    updated: 1,
    unchanged: 19,
    missing: 1,
    failed: 0,
    skipped: 0,
    remarks: [{ key: 'course-v1:Gone+G1+1', kind: 'MISSING', reason: expect.any(String) }],
  });
  const lists = await bench.requests(/^GET \/api\/courses\/v1\/courses\//);
  expect(lists).toHaveLength(3);
  expect(lists.every(({ query }) => query.includes('username=portico_worker'))).toBe(true);
});

async function linkedAccount(bench: Bench, node: Node, username = 'alice'): Promise<Account> {
  const account = await bench.account({ username });
  await node.edxLinks.create(account.id);
  return account;
}

async function enroll(
  node: Node,
  account: Account,
  courseKey: string,
  options: { mode?: string | undefined; force?: boolean } = {},
): Promise<Enrollment> {
  const asked = await node.enrollments.request({ accountId: account.id, courseKey, ...options }, systemActor);
  await node.enrollments.perform(asked.id);
  return reload(node, asked);
}

async function reload(node: Node, enrollment: Enrollment | undefined): Promise<Enrollment> {
  const [row] = await node.enrollments.findByIds([enrollment?.id ?? '']);
  if (!row) throw new Error('no such enrollment');
  return row;
}

function lmsEnrollment(node: Node, username: string, courseKey: string) {
  return node.api.readEnrollment(username, courseKey, { purpose: 'job' });
}
