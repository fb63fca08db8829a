import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Account, AccountEntity } from '../../../src/entities/account.entity.js';
import { EnrollmentEntity } from '../../../src/entities/enrollment.entity.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

/** What the LMS refuses for good is asked once. */

const courseKey = 'course-v1:DemoU+MAILS+2026';
let bench: Awaited<ReturnType<typeof createLinkageBench>>;
let node: Node;
/** The same Portico, before an LMS that has none of the endpoints it is asked for. */
let refused: Node;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  bench = stack.use(await createLinkageBench());
  const barren = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => barren.listen(0, '127.0.0.1', resolve));
  stack.defer(() => void barren.close());
  const baseUrl = `http://127.0.0.1:${(barren.address() as AddressInfo).port}`;
  node = stack.use(await bench.node());
  refused = stack.use(await bench.node({}, { baseUrl }));
});
afterAll(() => stack.disposeAsync());

async function learner(username: string): Promise<Account> {
  const account = await bench.account({ username });
  await node.edxLinks.create(account.id);
  await node.edxApiTokens.getValidToken(account.id);
  return account;
}

async function jobs(key: string): Promise<number> {
  const rows = await bench.em.fork().execute('select 1 from graphile_worker.jobs where key = ?', [key]);
  return rows.length;
}

test('a refused profile is told at the link, and not brought again until somebody wants it', async () => {
  const { id } = await learner('alice');
  await bench.em.fork().nativeUpdate(AccountEntity, { id }, { name: 'Alice Pleasance' });
  await refused.edxPush.push(id, 'profile', { waits: 3 });

  expect(await node.edxLinks.find(id)).toMatchObject({
    state: 'LINKED',
    lastError: { code: 'profile-refused', retryable: false, message: expect.stringContaining('404') },
  });
  expect(await jobs(`push-profile:${id}`)).toBe(0);
  // The LMS does not know the user: whether that is so is looked at.
  expect(await jobs(`edx-link-check:${id}`)).toBe(1);
  const stuck = await node.edxLinks.search({ isStuck: true }, { size: 10 });
  expect(stuck.rows.map(({ accountId }) => accountId)).toContain(id);

  await node.edxLinks.requestPush(id);
  expect(await jobs(`push-profile:${id}`)).toBe(1);
  await node.edxPush.push(id, 'profile');
  expect((await node.edxLinks.find(id))?.lastError).toBeNull();
  expect((await node.edxLinks.search({ isStuck: true }, { size: 10 })).rows).toEqual([]);
});

test('refused course mails are told at the enrollment, and told to the LMS when they are wanted again', async () => {
  const { id: accountId } = await learner('bob');
  const em = bench.em.fork();
  const { id } = em.create(EnrollmentEntity, { accountId, courseKey, lmsUsername: 'bob', state: 'ACTIVE' });
  await em.flush();
  const actor = { accountId };
  const key = `course-emails:${accountId}:${courseKey}`;
  const wish = () => node.courseEmails.set({ accountId, courseKey, receives: false }, actor);
  const row = async () => (await node.enrollments.findByIds([id]))[0];
  await wish();
  await em.execute('select graphile_worker.remove_job(?)', [key]);
  await refused.courseEmails.push(id, { waits: 3 });

  expect((await row())?.emailsError).toMatchObject({ code: 'refused-404', retryable: false });
  expect(await jobs(key)).toBe(0);
  const stuck = await node.enrollments.list({ isStuck: true }, { size: 10 });
  expect(stuck.rows.map((each) => each.id)).toEqual([id]);

  await wish();
  expect(await jobs(key)).toBe(1);
  expect((await row())?.emailsError).toBeNull();
  await node.courseEmails.push(id);
  expect(await row()).toMatchObject({ emailsError: null, emailsVersion: 2, emailsToldVersion: 2 });
  await em.execute('select graphile_worker.remove_job(?)', [key]);
  await wish();
  expect(await jobs(key)).toBe(0);
});

test('course mails that the LMS cannot be told of now wait for it', async () => {
  const { id: accountId } = await learner('carol');
  const em = bench.em.fork();
  const { id } = em.create(EnrollmentEntity, { accountId, courseKey, lmsUsername: 'carol', state: 'ACTIVE' });
  await em.flush();
  await node.courseEmails.set({ accountId, courseKey, receives: false }, { accountId });
  await em.execute('delete from graphile_worker._private_jobs');
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/api/change_email_settings', mode: 'down', times: 100 }]);
  await node.courseEmails.push(id);
  await bench.lever('PUT', '/_sandbox/faults', []);
  expect((await node.enrollments.findByIds([id]))[0]?.emailsError).toMatchObject({ retryable: true });
  expect(await jobs(`course-emails:${accountId}:${courseKey}`)).toBe(1);
});
