import { expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;
const patches = /^PATCH \/api\/user\/v1\/accounts\//;

test('a changed profile arrives in the LMS, with the learner’s own token', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await change(bench, alice, { name: 'Alice Pleasance', profile: { country: 'us', state: 'MA', birthYear: 1990 } });
  await node.edxPush.push(alice.id, 'profile');

  const [user] = await node.api.accountsByUsername(['alice'], { purpose: 'job' });
  expect(user).toMatchObject({ name: 'Alice Pleasance', country: 'US', birthYear: 1990 });
  const [patch] = await bench.requests(patches);
  expect(patch).toMatchObject({ auth: 'bearer:alice', status: 200 });
  const link = await node.edxLinks.find(alice.id);
  expect(link?.lastError).toBeNull();
  const history = await node.edxLinks.history([link?.id ?? '']);
  expect(history.at(-1)).toMatchObject({ from: 'LINKED', to: 'LINKED', cause: 'profile-pushed' });
});

test('what the LMS does not take is told field by field, and no longer when it is taken', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await change(bench, alice, { name: 'see https://spam.example', profile: {} });
  await node.edxPush.push(alice.id, 'profile');
  expect(await node.edxLinks.find(alice.id)).toMatchObject({
    state: 'LINKED',
    lastError: { code: 'profile-refused', retryable: false, message: expect.stringContaining('name:') },
  });
  await change(bench, alice, { name: 'Alice', profile: {} });
  await node.edxPush.push(alice.id, 'profile');
  expect((await node.edxLinks.find(alice.id))?.lastError).toBeNull();
});

test('a token that the LMS has revoked is replaced on the way', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  const { state } = bench.sandbox;
  state.atomically(() => {
    for (const [key] of [...state.accessTokens.entries()]) state.accessTokens.delete(key);
    for (const [key] of [...state.refreshTokens.entries()]) state.refreshTokens.delete(key);
  });
  await change(bench, alice, { name: 'Alice II', profile: {} });
  await node.edxPush.push(alice.id, 'profile');
  const [user] = await node.api.accountsByUsername(['alice'], { purpose: 'job' });
  expect(user?.name).toBe('Alice II');
});

test('an outage delays a change, says so, and plans the next try', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  await change(bench, alice, { name: 'Alice III', profile: {} });
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/api/user/*', method: 'PATCH', mode: 'down', times: 100 }]);
  await node.edxPush.push(alice.id, 'profile');
  expect((await node.edxLinks.find(alice.id))?.lastError).toMatchObject({ code: 'profile-waits', retryable: true });
  const jobs = await bench.em
    .fork()
    .execute('select 1 from graphile_worker.jobs where key = ?', [`push-profile:${alice.id}`]);
  expect(jobs).toHaveLength(1);
});

async function linkedAccount(bench: Bench, node: Node): Promise<Account> {
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  return alice;
}

async function change(
  bench: Bench,
  account: Account,
  { name, profile }: Pick<Account, 'name' | 'profile'>,
): Promise<void> {
  await bench.em
    .fork()
    .execute('update account set name = ?, profile = ?::jsonb where id = ?', [
      name,
      JSON.stringify(profile),
      account.id,
    ]);
}
