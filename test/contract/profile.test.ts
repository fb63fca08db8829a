import { isInputObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { type Account, AccountEntity } from '../../src/entities/account.entity.js';
import { buildGraphSchema } from '../../src/resolvers/schema.js';
import { createLinkageBench, type Node } from '../integration/linkage/linkage-bench.js';
import { eventually } from '../support/eventually.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;
const patches = /^PATCH \/api\/user\/v1\/accounts\//;

test('82: a changed profile arrives in the LMS, with the learner’s own token', async () => {
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

test('82: an outage delays a change, says so, and plans the next try', async () => {
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

test('83: a changed e-mail address is taken over by the LMS at a sign-on, and looked for there', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await readdress(bench, alice, 'alice@elsewhere.example');
  await node.edxPush.push(alice.id, 'email');
  const [user] = await node.api.accountsByUsername(['alice'], { purpose: 'job' });
  expect(user?.email).toBe('alice@elsewhere.example');
  expect((await node.edxLinks.find(alice.id))?.lastError).toBeNull();
});

test('83: an address that is changed while the LMS makes its user follows', async () => {
  await using bench = await createLinkageBench();
  const alice = await bench.account({ username: 'alice' });
  const registrationTokens = {
    async mint(accountId: string) {
      const grant = await bench.ports.registrationTokens.mint(accountId);
      const changed = { email: 'alice@elsewhere.example', updatedAt: new Date() };
      await bench.em.fork().nativeUpdate(AccountEntity, { id: accountId }, changed);
      return grant;
    },
  };
  await using node = await bench.node({ registrationTokens });
  await node.edxLinks.create(alice.id);
  const emailAtLms = async () => (await node.api.accountsByUsername(['alice'], { purpose: 'job' }))[0]?.email;
  expect(await emailAtLms()).toBe('alice@example.org');
  await using _worker = await node.work();
  await eventually('the LMS has the new one', async () => (await emailAtLms()) === 'alice@elsewhere.example');
});

test('83: an address that another LMS user has is told as not taken, since the LMS says nothing of it', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const bob = await bench.account({ username: 'bob' });
  await node.edxLinks.create(bob.id);
  await readdress(bench, bob, 'bob@elsewhere.example');
  await readdress(bench, alice, 'bob@example.org');
  await node.edxPush.push(alice.id, 'email');
  expect(await node.edxLinks.find(alice.id)).toMatchObject({
    state: 'LINKED',
    lastError: { code: 'email-not-taken', retryable: false },
  });
  // Once the other has moved on, it is taken.
  await node.edxPush.push(bob.id, 'email');
  await node.edxPush.push(alice.id, 'email');
  expect((await node.edxLinks.find(alice.id))?.lastError).toBeNull();
});

test('82: what differs in the LMS is found for all links together, and mended', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice', profile: { country: 'GB' } });
  const bob = await bench.account({ username: 'bob' });
  const carol = await bench.account({ username: 'carol' });
  for (const { id } of [alice, bob, carol]) await node.edxLinks.create(id);
  await change(bench, alice, { name: 'Alice Pleasance', profile: { country: 'US' } });
  await readdress(bench, bob, 'bob@elsewhere.example');
  await bench.lever('DELETE', '/_sandbox/requests');
  const rows: { username: string; drift: string[] }[] = [];
  const counts = await node.edxLinks.repairDrift({
    onPage: (page) => void rows.push(...page.rows.map(({ username, drift }) => ({ username, drift }))),
  });
  expect(counts).toMatchObject({ compared: 3, NAME_DIFFERS: 1, PROFILE_DIFFERS: 1, EMAIL_DIFFERS: 1, UNLINKED: 0 });
  expect(rows.toSorted((a, b) => a.username.localeCompare(b.username))).toEqual([
    { username: 'alice', drift: ['NAME_DIFFERS', 'PROFILE_DIFFERS'] },
    { username: 'bob', drift: ['EMAIL_DIFFERS'] },
  ]);
  // One page of links is one call of each kind, the token of the service worker aside.
  expect((await bench.requests(/\/api\//)).map(({ path }) => path)).toHaveLength(2);
  await using _worker = await node.work();
  // Each comparison has what differs pushed once more: not so often that the pushes never end.
  const comparisons: unknown[] = [];
  const mended = eventually(
    'nothing differs any more',
    async () => {
      const { compared: _all, ...differing } = await node.edxLinks.repairDrift();
      comparisons.push(differing);
      return Object.values(differing).every((count) => count === 0);
    },
    { deadlineMs: 60_000, pauseMs: 3_000 },
  );
  await mended.catch(async (cause: unknown) => {
    const links = await Promise.all([alice, bob].map(({ id }) => node.edxLinks.find(id)));
    const errors = links.map((link) => link?.lastError);
    throw new Error(`it still differs: ${JSON.stringify({ last: comparisons.at(-1), errors })}`, { cause });
  });
}, 90_000);

test('84: nothing changes a username here, and one that was changed in the LMS is told', async () => {
  const inputs = buildGraphSchema().getTypeMap();
  for (const name of ['UpdateProfileInput', 'UpdateAccountInput']) {
    const type = inputs[name];
    if (!isInputObjectType(type)) throw new Error(`there is no input ${name}`);
    expect(Object.keys(type.getFields())).not.toContain('username');
  }
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const { state } = bench.sandbox;
  state.atomically(() => {
    const [user] = [...state.users.values()].filter(({ username }) => username === 'alice');
    if (!user) throw new Error('the LMS does not have alice');
    for (const link of state.linksByUsername.of('alice')) state.putLink({ ...link, username: 'alice-renamed' });
    state.users.delete(user.username);
    state.putUser({ ...user, username: 'alice-renamed' });
  });
  const rows: { username: string; drift: string[]; mended: string[] }[] = [];
  await node.edxLinks.repairDrift({
    onPage: (page) => void rows.push(...page.rows.map(({ username, drift, mended }) => ({ username, drift, mended }))),
  });
  expect(rows).toEqual([{ username: 'alice', drift: expect.arrayContaining(['USERNAME_DIFFERS']), mended: ['check'] }]);
  await node.edxLinks.check(alice.id);
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'LINKED', edxUsername: 'alice-renamed' });
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

async function readdress(bench: Bench, account: Account, email: string): Promise<void> {
  await bench.em.fork().execute('update account set email = ? where id = ?', [email, account.id]);
}
