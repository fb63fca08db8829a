import { expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import type { Enrollment } from '../../../src/entities/enrollment.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

const demo = 'course-v1:edX+DemoX+Demo_Course';
const data = 'course-v1:OpenSchool+DATA1+R1';
const post = /^POST \/api\/enrollment\/v1\/enrollment/;

test('an older job whose answer comes late overwrites nothing: the newer wish has its way', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await using other = await bench.node();
  const alice = await linked(bench, node, 'alice');
  const wished = await node.enrollments.request({ accountId: alice.id, courseKey: demo, mode: 'audit' }, systemActor);
  await bench.lever('PUT', '/_sandbox/faults', [
    { match: '/api/enrollment/v1/enrollment', method: 'POST', mode: 'slow', ms: 3_000, times: 1 },
  ]);
  const older = node.enrollments.perform(wished.id);
  await eventually('the LMS is being asked', async () => {
    const left = (await bench.lever('GET', '/_sandbox/faults')) as unknown[];
    return left.length === 0;
  });
  const newer = await other.enrollments.changeMode(
    { accountId: alice.id, courseKey: demo, mode: 'verified' },
    systemActor,
  );
  expect(newer).toMatchObject({ requestVersion: wished.requestVersion + 1, requestedMode: 'verified' });
  await older;
  expect(await find(node, alice, demo)).toMatchObject({
    intent: 'ENROLL',
    requestedMode: 'verified',
    confirmedByLms: false,
  });
  await other.enrollments.perform(wished.id);
  expect(await find(node, alice, demo)).toMatchObject({ state: 'ACTIVE', intent: null, mode: 'verified' });
  expect(await node.api.readEnrollment('alice', demo, { purpose: 'job' })).toMatchObject({ mode: 'verified' });
});

test('two processes with the same job at once ask the LMS once', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await using other = await bench.node();
  const alice = await linked(bench, node, 'alice');
  const { id } = await node.enrollments.request({ accountId: alice.id, courseKey: demo }, systemActor);
  await Promise.all([node, other, node, other].map(({ enrollments }) => enrollments.perform(id)));
  expect(await find(node, alice, demo)).toMatchObject({ state: 'ACTIVE', intent: null });
  expect(await bench.requests(post)).toHaveLength(1);
  expect((await node.enrollments.history([id])).map(({ cause }) => cause)).toEqual(['enroll-requested', 'confirmed']);
});

test('an outage uses up nobody’s attempts, and everybody is enrolled once when it is over', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
  const learners: Account[] = [];
  for (const name of names) learners.push(await linked(bench, node, name));
  await bench.lever('DELETE', '/_sandbox/requests');
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/api/enrollment/*', mode: 'down', times: 1_000 }]);
  for (const { id } of learners)
    for (const courseKey of [demo, data]) await node.enrollments.request({ accountId: id, courseKey }, systemActor);
  {
    await using _worker = await node.work();
    await eventually('all of them wait', async () =>
      (await all(node, learners)).every(({ lastError }) => lastError != null),
    );
  }
  for (const row of await all(node, learners))
    expect(row).toMatchObject({ state: 'PENDING', attempts: 0, failedIntent: null, lastError: { retryable: true } });
  await bench.lever('DELETE', '/_sandbox/faults');
  await using after = await bench.node();
  for (const row of await all(node, learners)) await after.enrollmentRetries.retry(row.id, {}, systemActor);
  await using _worker = await after.work();
  await eventually('all of them are enrolled', async () =>
    (await all(node, learners)).every(({ state }) => state === 'ACTIVE'),
  );
  const written = await bench.requests(post);
  expect(written.filter(({ status }) => status === 200)).toHaveLength(2 * names.length);
});

test('a user that the LMS does not know is made again first; the enrollment follows', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linked(bench, node, 'alice');
  // Another LMS, or one that lost its users: nobody of before is in it.
  await bench.em.fork().execute(`update edx_link set edx_username = 'gone' where account_id = ?`, [alice.id]);
  const { id } = await node.enrollments.request({ accountId: alice.id, courseKey: demo }, systemActor);
  await node.enrollments.perform(id);
  expect(await find(node, alice, demo)).toMatchObject({
    state: 'PENDING',
    intent: 'ENROLL',
    attempts: 1,
    lastError: { code: 'user_missing' },
  });
  await node.edxLinks.check(alice.id);
  await node.enrollments.perform(id);
  expect(await find(node, alice, demo)).toMatchObject({ state: 'ACTIVE', lmsUsername: 'alice', lastError: null });
});

async function linked(bench: Bench, node: Node, username: string): Promise<Account> {
  const account = await bench.account({ username });
  await node.edxLinks.create(account.id);
  return account;
}

async function find(node: Node, account: Account, courseKey: string): Promise<Enrollment> {
  const row = await node.enrollments.findFor(account.id, courseKey);
  if (!row) throw new Error('no such enrollment');
  return row;
}

function all(node: Node, learners: readonly Account[]): Promise<Enrollment[]> {
  return node.enrollments.ofAccounts(learners.map(({ id }) => id));
}
