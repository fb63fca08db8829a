import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { EntityManager } from '@mikro-orm/postgresql';
import { describe, expect, test } from 'vitest';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity, type EdxLinkState } from '../../src/entities/edx-link.entity.js';
import { ForbiddenError } from '../../src/errors.js';
import { reserveUsername } from '../../src/services/account/username.js';
import { systemActor } from '../../src/services/actor.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { type LinkRemedy, remedyOf } from '../../src/services/edx-link/remedy.js';
import { moveLink, RefusedTransitionError } from '../../src/services/edx-link/transition.js';
import { createLinkageBench, type Node } from '../integration/linkage/linkage-bench.js';
import { eventually } from '../support/eventually.js';
import { startProviderSite, testPassword } from '../support/provider-site.js';

const registration = /^POST \/user_api\/v1\/account\/registration\//;

test('33: a new account gets its LMS account, made with provider and token while the LMS calls back', async () => {
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

test('34: two processes that create the same account register it once', async () => {
  await using bench = await createLinkageBench();
  await using one = await bench.node();
  await using other = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await Promise.all([one, other, one, other].map((node) => node.edxLinks.create(alice.id)));
  await settle(one, alice.id, 'LINKED');
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('35: an LMS user who has the username already gets the account a suggestion of the LMS; it keeps its own', async () => {
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

test('37: an address that an untied LMS user has is a conflict, and no adoption by itself', async () => {
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

test('37: an address that belongs to another account’s LMS user says whose', async () => {
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

test('38: what the LMS finds wrong with the fields is stored, not repeated, and tried again when the account changes', async () => {
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
  '39: an LMS that answers with %s delays the account, which is made once, and counts as nobody’s attempt',
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

test('40: an LMS user that vanished is made again by a repair', async () => {
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

test('who is repaired as one of many comes after those whom somebody waits for, also when the LMS has them come back', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' }, { isWanted: false });
  const tasks = () =>
    bench.em
      .fork()
      .execute("select task_identifier as task, priority from graphile_worker.jobs where key like 'edx-link:%'");
  await node.edxLinks.repair(alice.id, systemActor, { isBulk: true });
  const bulk = [{ task: 'bulk/create-edx-account', priority: 10 }];
  expect(await tasks()).toEqual(bulk);
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/*', mode: 'down', times: 1000 }]);
  await node.edxLinks.create(alice.id, { isBulk: true });
  expect(await tasks()).toEqual(bulk);
  // Somebody asks for their own account: now it is waited for.
  await node.edxLinks.ensure(alice.id, { accountId: alice.id });
  expect(await tasks()).toEqual([{ task: 'create-edx-account', priority: 0 }]);
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

test('32: the registration form is what the LMS expects, with the token of an edge in front of it', async () => {
  await using bench = await createLinkageBench({
    env: {
      OPENEDX_REGISTRATION_ACCESS_TOKEN: 'edge-token',
      PORTICO_TERMS_URL: 'https://school.example/terms',
    },
  });
  await using lms = await startNotingLms();
  await using node = await bench.node({}, { baseUrl: lms.url });
  const agreed = { termsVersion: '1', termsAgreedAt: new Date() };
  const profile = { country: 'gb', birthYear: 1990 };
  const alice = await bench.account({ username: 'alice', name: 'Alice Liddell', profile, ...agreed });
  await node.edxLinks.create(alice.id);
  const [sent] = lms.registrations;
  expect(sent?.headers).toMatchObject({
    'x-access-token': 'edge-token',
    'content-type': expect.stringContaining('application/x-www-form-urlencoded'),
  });
  const { access_token: accessToken, ...form } = Object.fromEntries(new URLSearchParams(sent?.body));
  expect(accessToken).toMatch(/^[\w-]{20,}$/);
  expect(form).toEqual({
    username: 'alice',
    email: 'alice@example.org',
    name: 'Alice Liddell',
    provider: 'ol-oauth2',
    honor_code: 'true',
    country: 'GB',
    year_of_birth: '1990',
  });
});

test('36: where the LMS suggests no name, one of ours is tried that nobody has, of at most 30 characters', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  // The LMS makes suggestions of letters and digits.
  const username = '_'.repeat(30);
  const first = await bench.account({ username });
  await node.edxLinks.create(first.id);
  await bench.em.fork().execute('delete from account where id = ?', [first.id]);
  await unlink(bench, username);
  const second = await bench.account({ username, email: 'zoya@example.org' });
  await node.edxLinks.create(second.id);
  const link = await node.edxLinks.find(second.id);
  expect(link).toMatchObject({ state: 'LINKED', edxUsername: `${username.slice(0, 29)}1`, remoteId: username });
});

describe('37: an untied LMS user with the address of an account', () => {
  /** The LMS knows alice@example.org as `alice`, whom nothing ties to Portico; here it is the address of `alice-new`. */
  async function contest(env: Record<string, string> = {}) {
    await using stack = new AsyncDisposableStack();
    const bench = stack.use(await createLinkageBench({ env }));
    const node = stack.use(await bench.node());
    const first = await bench.account({ username: 'alice' });
    await node.edxLinks.create(first.id);
    await unlink(bench, 'alice');
    await bench.em.fork().execute('delete from account where id = ?', [first.id]);
    const account = await bench.account({ username: 'alice-new', email: 'alice@example.org' });
    await node.edxLinks.create(account.id);
    const resources = stack.move();
    const link = async () => {
      const found = await node.edxLinks.find(account.id);
      if (!found) throw new Error('the account has no link');
      return found;
    };
    return { bench, node, account, link, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  }

  test('is adopted when the person asks for it, by a sign-on that makes the LMS tie them', async () => {
    await using site = await contest();
    const { node, account } = site;
    expect(remedyOf(await site.link())).toBe('ADOPT');
    await node.edxLinks.resolve(account.id, 'ADOPT', { accountId: account.id }, { isSupport: false });
    await node.edxLinks.create(account.id);
    expect(await site.link()).toMatchObject({ state: 'LINKED', edxUsername: 'alice', remoteId: 'alice-new' });
    expect(usersWith(site.bench, 'alice@example.org')).toHaveLength(1);
    const causes = (await node.edxLinks.history([(await site.link()).id])).map(({ cause }) => cause);
    expect(causes).toEqual(expect.arrayContaining(['adoption-asked-for', 'adopted']));
  });

  test('is adopted without being asked for where the school says so', async () => {
    await using site = await contest({ OPENEDX_ADOPT_ACCOUNTS: 'automatic' });
    expect(await site.link()).toMatchObject({ state: 'LINKED', edxUsername: 'alice', remoteId: 'alice-new' });
  });

  test('is never adopted where the school says so: only another address helps', async () => {
    await using site = await contest({ OPENEDX_ADOPT_ACCOUNTS: 'never' });
    const { node, account } = site;
    expect(await site.link()).toMatchObject({ state: 'CONFLICT', lastError: { code: 'email-taken-no-adoption' } });
    expect(remedyOf(await site.link())).toBe('CHANGE_EMAIL');
    const resolve = (action: LinkRemedy) =>
      node.edxLinks.resolve(account.id, action, { accountId: account.id }, { isSupport: true });
    await expect(resolve('ADOPT')).rejects.toMatchObject({ reason: 'NOT_OFFERED' });
    await expect(resolve('CHANGE_EMAIL')).rejects.toMatchObject({ reason: 'DONE_ELSEWHERE' });
  });

  test('is not adopted by an address that nobody confirmed', async () => {
    await using site = await contest();
    const { bench, node, account } = site;
    await bench.em.fork().execute('update account set email_verified_at = null where id = ?', [account.id]);
    await node.edxLinks.resolve(account.id, 'ADOPT', { accountId: account.id }, { isSupport: false });
    await node.edxLinks.create(account.id);
    expect(await site.link()).toMatchObject({ state: 'CONFLICT', lastError: { code: 'email-unconfirmed' } });
  });
});

test('37: an LMS user who is tied to this account and held by another goes over when support releases them', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const holder = await bench.account({ username: 'alice' });
  await node.edxLinks.create(holder.id);
  await unlink(bench, 'alice');
  const rightful = await bench.account({ username: 'bob', email: 'other@example.org' });
  await tie(bench, 'alice', 'bob');
  // A first try would not look before it registers, and the LMS refuses: the identity is tied already.
  await node.edxLinks.create(rightful.id);
  await node.edxLinks.create(rightful.id);
  const link = await node.edxLinks.find(rightful.id);
  expect(link).toMatchObject({ state: 'CONFLICT', lastError: { code: 'lms-user-linked-elsewhere' } });
  const support = { accountId: holder.id };
  const release = (isSupport: boolean) => node.edxLinks.resolve(rightful.id, 'RELEASE_OTHER', support, { isSupport });
  await expect(release(false)).rejects.toBeInstanceOf(ForbiddenError);
  await release(true);
  await node.edxLinks.create(rightful.id);
  expect(await node.edxLinks.find(rightful.id)).toMatchObject({ state: 'LINKED', edxUsername: 'alice' });
  expect(await node.edxLinks.find(holder.id)).toMatchObject({ state: 'NOT_LINKED', edxUsername: null });
});

test('38: an address and a username that are both somebody’s are told as a conflict, and not tried again by themselves', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const first = await bench.account({ username: 'alice' });
  await node.edxLinks.create(first.id);
  await bench.em.fork().execute('delete from account where id = ?', [first.id]);
  await unlink(bench, 'alice');
  await bench.lever('DELETE', '/_sandbox/requests');
  const second = await bench.account({ username: 'alice' });
  await node.edxLinks.create(second.id);
  expect(await node.edxLinks.find(second.id)).toMatchObject({
    state: 'CONFLICT',
    lastError: { code: 'email-taken', retryable: false },
  });
  await node.edxLinks.create(second.id);
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('39: the LMS’s limit of 60 registrations pauses all of them, uses up no attempt, and an operator lets them go on', async () => {
  await using bench = await createLinkageBench();
  await using one = await bench.node();
  await using other = await bench.node();
  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: 60 });
  const accounts = [];
  for (let number = 0; number < 66; number += 1)
    accounts.push(await bench.account({ username: `learner-${number}`, email: `learner-${number}@example.org` }));
  for (const [index, { id }] of accounts.entries()) await (index % 2 ? one : other).edxLinks.create(id);

  const links = await one.edxLinks.findByAccountIds(accounts.map(({ id }) => id));
  const waiting = links.filter(({ state }) => state !== 'LINKED');
  expect(waiting).toHaveLength(6);
  for (const link of waiting) expect(link).toMatchObject({ state: 'PENDING', attempts: 0 });
  // One was refused; who came after it was not even asked about.
  expect((await bench.requests(registration)).map(({ status }) => status).filter((status) => status !== 200)).toEqual([
    403,
  ]);

  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: 100_000 });
  expect(await other.edxLinks.resumeRegistrations()).toBe(true);
  for (const { accountId } of waiting) await one.edxLinks.create(accountId);
  const after = await one.edxLinks.findByAccountIds(waiting.map(({ accountId }) => accountId));
  expect(after.map(({ state }) => state)).toEqual(Array(6).fill('LINKED'));
});

test('42: an account is there at once, and signs in, while the LMS is away', async () => {
  await using site = await startProviderSite();
  const account = await site.anAccount();
  expect(await site.services.edxLinks.find(account.id)).toMatchObject({ state: 'PENDING' });
  const answer = await site.services.accounts.authenticate(account.username, testPassword, '::1');
  expect(answer).toMatchObject({ outcome: 'success' });
});

test('a link follows its account when that is switched off, and back to the same LMS user when it is switched on', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  const token = await node.edxApiTokens.getValidToken(alice.id);
  const planner = createEdxLinkPlanner({ config: bench.config.lms, clock: () => new Date() });
  const twice = async (follow: (tx: EntityManager) => Promise<void>) => {
    for (let time = 0; time < 2; time += 1) await bench.em.fork().transactional(follow);
  };
  await twice((tx) => planner.deactivate(tx, alice.id, systemActor));
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'DEACTIVATED', edxUsername: 'alice' });
  expect(await tokenOf(bench, alice.id)).toBeNull();
  await using _worker = await node.work();
  await eventually('the LMS has ended the token', async () => {
    const outcome = await node.api
      .updateAccount('alice', { name: 'A' }, token, { purpose: 'job' })
      .catch((error: unknown) => error);
    return outcome instanceof Error || (outcome as { kind: string }).kind !== 'updated';
  });
  await twice((tx) => planner.reactivate(tx, alice.id, systemActor));
  await settle(node, alice.id, 'LINKED');
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ edxUsername: 'alice', remoteId: 'alice' });
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('support lets go of an LMS user, who stays in the LMS and comes back when somebody asks', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  await node.edxLinks.unlink(alice.id, systemActor);
  await node.edxLinks.unlink(alice.id, systemActor);
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'NOT_LINKED', edxUsername: null, remoteId: null });
  await node.edxLinks.ensure(alice.id, systemActor);
  await node.edxLinks.create(alice.id);
  expect(await node.edxLinks.find(alice.id)).toMatchObject({ state: 'LINKED', edxUsername: 'alice' });
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('no step is taken that the table of states does not have, whoever asks for it, and none twice', async () => {
  await using bench = await createLinkageBench();
  const alice = await bench.account({ username: 'alice' });
  const step = { actor: systemActor, cause: 'test' };
  const move = (to: EdxLinkState, seen?: EdxLinkState) =>
    bench.em.fork().transactional(async (tx) => {
      const link = await tx.findOneOrFail(EdxLinkEntity, { accountId: alice.id });
      if (seen) link.state = seen;
      await moveLink(tx, link, to, step, new Date());
    });
  await expect(move('MISSING_UPSTREAM')).rejects.toBeInstanceOf(RefusedTransitionError);
  await expect(move('LINKED', 'NOT_LINKED')).rejects.toBeInstanceOf(RefusedTransitionError);
  await expect(move('PENDING')).rejects.toBeInstanceOf(RefusedTransitionError);
  const racers = await Promise.allSettled(Array.from({ length: 8 }, () => move('CREATING')));
  expect(racers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
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

function usersWith(bench: Bench, email: string) {
  return [...bench.sandbox.state.users.values()].filter((user) => user.email === email);
}

/** An LMS that takes every registration, and keeps what it was sent. */
async function startNotingLms() {
  const registrations: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const isRegistration = request.url?.startsWith('/user_api/v1/account/registration/');
    if (isRegistration) registrations.push({ headers: request.headers, body });
    const user = { username: 'alice', full_name: '', user_id: 7 };
    const answer = { success: true, redirect_url: '/', authenticated_user: user };
    response.writeHead(isRegistration ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRegistration ? answer : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    registrations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
