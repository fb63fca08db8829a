import { expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import type { EdxLinkState } from '../../../src/entities/edx-link.entity.js';
import { reserveUsername } from '../../../src/services/account/username.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

const registration = /^POST \/user_api\/v1\/account\/registration\//;

test('a new account gets its LMS account, made with provider and token while the LMS calls back', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice', name: 'Alice Liddell', profile: { country: 'gb' } });
  await node.edxLinks.create(alice.id);

  const link = await node.edxLinks.find(alice.id);
  expect(link).toMatchObject({
    state: 'LINKED',
    edxUsername: 'alice',
    remoteId: 'alice',
    attempts: 0,
    lastError: null,
  });
  expect(link?.edxUserId).toBeTypeOf('number');
  const [user] = await node.api.accountsByUsername(['alice'], { purpose: 'job' });
  expect(user).toMatchObject({ email: 'alice@example.org', name: 'Alice Liddell', isActive: true });
  const history = await node.edxLinks.history([link?.id ?? '']);
  expect(history.map(({ from, to, cause }) => [from, to, cause])).toEqual([
    [null, 'PENDING', 'account-created'],
    ['PENDING', 'CREATING', 'registration-begun'],
    ['CREATING', 'LINKED', 'registered'],
  ]);
  expect(bench.ports.liveTokens.size).toBe(0);
});

test('two processes that create the same account register it once', async () => {
  await using bench = await createLinkageBench();
  await using one = await bench.node();
  await using other = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await Promise.all([one, other, one, other].map((node) => node.edxLinks.create(alice.id)));
  await settle(one, alice.id, 'LINKED');
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('an LMS user who has the username already gets the account a suggestion of the LMS; it keeps its own', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const first = await bench.account({ username: 'alice' });
  await node.edxLinks.create(first.id);
  await bench.em.fork().execute('delete from account where id = ?', [first.id]);
  const second = await bench.account({ username: 'alice', email: 'other@example.org' });
  await bench.lever('DELETE', '/_sandbox/requests');
  // The LMS still has the first alice, tied to the name that the second one has here.
  await unlink(bench, 'alice');
  await node.edxLinks.create(second.id);
  const link = await node.edxLinks.find(second.id);
  expect(link).toMatchObject({ state: 'LINKED', remoteId: 'alice' });
  expect(link?.edxUsername).toMatch(/^alice_\d+$/);
  expect(await bench.requests(registration)).toHaveLength(2);
});

test('an address that an untied LMS user has is a conflict, never an adoption', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const first = await bench.account({ username: 'alice' });
  await node.edxLinks.create(first.id);
  await unlink(bench, 'alice');
  await bench.em.fork().execute('delete from account where id = ?', [first.id]);
  const second = await bench.account({ username: 'alice-new', email: 'alice@example.org' });
  await node.edxLinks.create(second.id);
  const link = await node.edxLinks.find(second.id);
  expect(link).toMatchObject({
    state: 'CONFLICT',
    edxUsername: null,
    lastError: { code: 'email-taken', retryable: false },
  });
  expect(link?.lastError?.message).toContain('sign in to the LMS from here once');

  // What the first single sign-on does.
  await tie(bench, 'alice', 'alice-new');
  await node.edxLinks.check(second.id);
  expect(await node.edxLinks.find(second.id)).toMatchObject({
    state: 'LINKED',
    edxUsername: 'alice',
    lastError: null,
  });
});

test('an address that belongs to another account’s LMS user says whose', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const first = await bench.account({ username: 'alice' });
  await node.edxLinks.create(first.id);
  await bench.em.fork().execute(`update account set email = 'moved@example.org' where id = ?`, [first.id]);
  const second = await bench.account({ username: 'bob', email: 'alice@example.org' });
  await node.edxLinks.create(second.id);
  expect(await node.edxLinks.find(second.id)).toMatchObject({
    state: 'CONFLICT',
    lastError: { code: 'email-linked-elsewhere' },
  });
});

test('what the LMS finds wrong with the fields is stored, not repeated, and tried again when the account changes', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice', name: 'see https://spam.example' });
  await node.edxLinks.create(alice.id);
  const link = await node.edxLinks.find(alice.id);
  expect(link).toMatchObject({ state: 'REJECTED', lastError: { code: 'validation-error', retryable: false } });
  expect(link?.lastError?.message).toContain('name:');
  await node.edxLinks.create(alice.id);
  expect(await node.edxLinks.sweep()).toEqual({ restarted: 0, conflictsLookedAt: 0 });
  expect(await bench.requests(registration)).toHaveLength(1);

  await bench.em.fork().execute(`update account set name = 'Alice' where id = ?`, [alice.id]);
  await node.edxPush.push(alice.id, 'profile');
  expect((await node.edxLinks.find(alice.id))?.state).toBe('PENDING');
  await node.edxLinks.create(alice.id);
  expect((await node.edxLinks.find(alice.id))?.state).toBe('LINKED');
});

test.each(['down', 'reset', 'html500', 'throttle', 'wrong-json', 'lost-answer', 'truncate'])(
  'an LMS that answers with %s delays the account, which is made once, and counts as nobody’s attempt',
  async (mode) => {
    await using bench = await createLinkageBench();
    await using node = await bench.node();
    // Of a throttle that ends within the time of one try nobody would hear.
    const fault = { match: '/user_api/*', mode, times: 2, ...(mode === 'throttle' && { ms: 90_000 }) };
    await bench.lever('PUT', '/_sandbox/faults', [fault]);
    const alice = await bench.account({ username: 'alice' });
    await node.edxLinks.create(alice.id);
    const waiting = await node.edxLinks.find(alice.id);
    expect(waiting?.state).toMatch(/^(PENDING|CREATING)$/);
    expect(waiting).toMatchObject({ attempts: 0, lastError: { upstream: 'lms', retryable: true } });
    expect(waiting?.nextAttemptAt).toBeInstanceOf(Date);
    expect(await waitingJobs(bench)).toEqual([{ key: `edx-link:${alice.id}`, isLater: true }]);

    await bench.lever('DELETE', '/_sandbox/faults');
    await node.edxLinks.create(alice.id);
    expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'LINKED', attempts: 0, lastError: null });
    expect([...bench.sandbox.state.users.values()].filter((user) => user.email === 'alice@example.org')).toHaveLength(
      1,
    );
  },
);

test('a try that was killed after the LMS had made the account is finished by looking, not by another registration', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  await bench.em
    .fork()
    .execute(`update edx_link set state = 'CREATING', edx_username = null, edx_user_id = null, remote_id = null`);
  await node.edxLinks.create(alice.id);
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'LINKED', edxUsername: 'alice' });
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('a long outage is one line in the history of a link', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  for (const mode of ['down', 'reset', 'html500', 'down']) {
    await bench.lever('PUT', '/_sandbox/faults', [{ match: '/*', mode, times: 1000 }]);
    await node.edxLinks.create(alice.id);
  }
  await bench.lever('DELETE', '/_sandbox/faults');
  const link = await node.edxLinks.find(alice.id);
  const history = await node.edxLinks.history([link?.id ?? '']);
  expect(history.map(({ cause }) => cause)).toEqual(['account-created', 'registration-begun', 'server-error']);
});

test('nobody agrees to the terms in somebody’s name', async () => {
  await using bench = await createLinkageBench({ env: { PORTICO_TERMS_URL: 'https://school.example/terms' } });
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  const link = await node.edxLinks.find(alice.id);
  expect(link).toMatchObject({ state: 'REJECTED', lastError: { code: 'validation-error' } });
  expect(link?.lastError?.message).toContain('honor_code:');
  const bob = await bench.account({ username: 'bob', termsVersion: '1', termsAgreedAt: new Date() });
  await node.edxLinks.create(bob.id);
  expect((await node.edxLinks.find(bob.id))?.state).toBe('LINKED');
});

test('people of one name who register at the same moment get usernames of their own', async () => {
  await using bench = await createLinkageBench();
  const names = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      bench.em.fork().transactional(async (tx) => {
        const username = await reserveUsername(tx, 'jane-doe');
        tx.create(AccountEntity, { username, email: `jane${index}@example.org`, name: 'Jane Doe' });
        await tx.flush();
        return username;
      }),
    ),
  );
  const numbered = Array.from({ length: 11 }, (_, index) => `jane-doe${index + 1}`);
  expect(names.toSorted()).toEqual(['jane-doe', ...numbered].toSorted());
});

test('with the worker running, an outage of the LMS ends by itself', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/*', mode: 'down', times: 6 }]);
  await using _worker = await node.work();
  const alice = await bench.account({ username: 'alice' });
  await eventually('the reason is visible', async () => (await node.edxLinks.find(alice.id))?.lastError != null);
  await settle(node, alice.id, 'LINKED', 25_000);
  await eventually('the learner’s token follows', async () => (await tokenOf(bench, alice.id)) !== null);
});

test('a link that nobody asked for is left alone until somebody does', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const grace = await bench.account({ username: 'grace2' }, { isWanted: false });
  await node.edxLinks.create(grace.id);
  expect(await node.edxLinks.sweep()).toEqual({ restarted: 0, conflictsLookedAt: 0 });
  expect((await node.edxLinks.find(grace.id))?.state).toBe('NOT_LINKED');
  const actor = { accountId: grace.id };
  const asked = await node.edxLinks.ensure(grace.id, actor, { idempotencyKey: 'k' });
  expect(asked.state).toBe('PENDING');
  expect((await node.edxLinks.ensure(grace.id, actor, { idempotencyKey: 'k' })).id).toBe(asked.id);
  await node.edxLinks.create(grace.id);
  expect((await node.edxLinks.find(grace.id))?.state).toBe('LINKED');
  const history = await node.edxLinks.history([asked.id]);
  expect(history.map(({ to, cause, actorId }) => [to, cause, actorId])).toContainEqual([
    'PENDING',
    'asked-for',
    grace.id,
  ]);
});

test('an LMS user that vanished is made again by a repair', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  await bench.lever('DELETE', '/_sandbox/state');
  await node.edxLinks.repair(alice.id, systemActor);
  await node.edxLinks.check(alice.id);
  expect((await node.edxLinks.find(alice.id))?.state).toBe('PENDING');
  await node.edxLinks.create(alice.id);
  const link = await node.edxLinks.find(alice.id);
  expect(link?.state).toBe('LINKED');
  const history = await node.edxLinks.history([link?.id ?? '']);
  expect(history.map(({ cause }) => cause)).toContain('missing-in-lms');
});

test('the sweep gives a job to a link that lost its own', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  expect(await node.edxLinks.sweep()).toMatchObject({ restarted: 0 });
  await bench.em.fork().execute('delete from graphile_worker._private_jobs');
  expect(await node.edxLinks.sweep()).toMatchObject({ restarted: 1 });
  expect(await waitingJobs(bench)).toEqual([{ key: `edx-link:${alice.id}`, isLater: false }]);
});

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

/** Takes an LMS user's tie to Portico away, as the user may do in the LMS's account settings. */
async function unlink(bench: Bench, username: string): Promise<void> {
  const { state } = bench.sandbox;
  state.atomically(() => {
    for (const link of state.linksByUsername.of(username)) state.deleteLink(link);
  });
}

async function tie(bench: Bench, username: string, uid: string): Promise<void> {
  const { state } = bench.sandbox;
  state.atomically(() => state.putLink({ id: 9000, username, uid, backend: 'ol-oauth2' }));
}

function settle(node: Node, accountId: string, state: EdxLinkState, deadlineMs = 15_000) {
  return eventually(`the link is ${state}`, async () => (await node.edxLinks.find(accountId))?.state === state, {
    deadlineMs,
  });
}

async function waitingJobs(bench: Bench): Promise<{ key: string; isLater: boolean }[]> {
  return bench.em
    .fork()
    .execute(
      `select key, run_at > now() as "isLater" from graphile_worker.jobs where key like 'edx-link:%' order by id`,
    );
}

async function tokenOf(bench: Bench, accountId: string): Promise<string | null> {
  const [row] = await bench.em
    .fork()
    .execute<{ token: string | null }[]>('select api_access_token as token from edx_link where account_id = ?', [
      accountId,
    ]);
  return row?.token ?? null;
}
