import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { Browser } from '../../support/browser.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';

let site: GraphSite;
let root: GraphCaller;
let sam: GraphCaller;
let rootId: string;
let samId: string;
beforeAll(async () => {
  site = await startGraphSite();
  const [admin, support] = [
    await site.aPerson({ username: 'root', roles: ['ADMIN'] }),
    await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }),
  ];
  root = await site.caller(admin, staffScope);
  sam = await site.caller(support, staffScope);
  [rootId, samId] = [toGlobalId('Account', admin.id), toGlobalId('Account', support.id)];
});
afterAll(() => site[Symbol.asyncDispose]());

interface Answer {
  account: { id: string; status: string; roles: string[]; username: string } | null;
  userErrors: { code: string; field: string[] | null }[];
}

/** Runs one mutation of accounts by its name. */
async function act(caller: GraphCaller, mutation: string, input: Record<string, unknown>) {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await askGraph<Record<string, Answer>>(
    caller,
    `mutation ($input: ${type}) { ${mutation}(input: $input) { account { id status roles username } userErrors { code field } } }`,
    { input },
  );
  return { ...data?.[mutation], codes: errors?.map((error) => error.extensions?.code) };
}

async function signedIn(username: string, password = testPassword): Promise<Browser> {
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: username, password });
  expect(browser.page?.url).toBe(`${site.url}/account`);
  return browser;
}

const actionsOn = async (subjectId: string) =>
  (await site.gateway.context.orm.em.fork().find(AuditEventEntity, { subjectId }, { orderBy: { id: 'asc' } })).map(
    ({ action, actorId, detail }) => ({ action, actorId, detail }),
  );

test('deactivating ends sessions, tokens and grants at once, refuses sign-in, and is harmless to repeat', async () => {
  const person = await site.aPerson({ username: 'dora' });
  const accountId = toGlobalId('Account', person.id);
  const own = await site.caller(person, 'learning:read user:read');
  const browser = await signedIn('dora');
  expect(await act(sam, 'deactivateAccount', { accountId })).toMatchObject({
    account: { status: 'DEACTIVATED' },
    userErrors: [],
  });
  expect((await askGraph(own, '{ viewer { username } }')).status).toBe(401);
  expect((await browser.go('/account')).url).toContain('/login');
  await browser.submit({ identifier: 'dora', password: testPassword });
  expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('This account was deactivated') });
  await act(sam, 'deactivateAccount', { accountId });
  const changes = (await actionsOn(person.id)).filter(({ action }) => action === 'account.status-changed');
  expect(changes).toEqual([
    expect.objectContaining({ detail: { before: 'ACTIVE', after: 'DEACTIVATED' }, actorId: expect.any(String) }),
  ]);
});

test('what ended with an account does not come back with it', async () => {
  const person = await site.aPerson({ username: 'dirk' });
  const accountId = toGlobalId('Account', person.id);
  const browser = await signedIn('dirk');
  await act(sam, 'deactivateAccount', { accountId });
  // A sign-in that was under way meanwhile leaves a session behind.
  await site.gateway.context.oauth.headlessSessions.open(person.id);
  const sessions = () =>
    site.gateway.context.orm.em.fork().execute('select 1 from oidc_session where account_id = ?', [person.id]);
  expect(await sessions()).toHaveLength(1);
  expect(await act(sam, 'reactivateAccount', { accountId })).toMatchObject({ account: { status: 'ACTIVE' } });
  expect(await sessions()).toHaveLength(0);
  expect((await browser.go('/account')).url).toContain('/login');
  await signedIn('dirk');
});

test('a blocked account is unblocked, not reactivated; its enrollments wait for nothing', async () => {
  const person = await site.aPerson({ username: 'bert' });
  const accountId = toGlobalId('Account', person.id);
  expect(await act(sam, 'blockAccount', { accountId })).toMatchObject({ account: { status: 'BLOCKED' } });
  expect(await act(sam, 'reactivateAccount', { accountId })).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] });
  expect(await act(sam, 'deactivateAccount', { accountId })).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] });
  const enroll = await askGraph<{ enrollInCourse: Answer }>(
    sam,
    'mutation ($input: EnrollInCourseInput!) { enrollInCourse(input: $input) { userErrors { code } } }',
    { input: { accountId, courseKey: 'course-v1:DemoU+PHYS101+2026_T1' } },
  );
  expect(enroll.data).toMatchObject({ enrollInCourse: { userErrors: [{ code: 'CONFLICT' }] } });
  expect(await act(sam, 'unblockAccount', { accountId })).toMatchObject({ account: { status: 'ACTIVE' } });
  expect(await act(sam, 'unblockAccount', { accountId })).toMatchObject({ account: { status: 'ACTIVE' } });
});

test('support does nothing to administrators, and learners nothing to anyone', async () => {
  expect((await act(sam, 'deactivateAccount', { accountId: rootId })).codes).toEqual(['FORBIDDEN']);
  expect((await act(sam, 'grantRole', { accountId: samId, role: 'ADMIN' })).codes).toEqual(['FORBIDDEN']);
  const learner = await site.caller(await site.aPerson({ username: 'lena' }), 'accounts:write user:read');
  for (const mutation of ['deactivateAccount', 'reactivateAccount', 'blockAccount', 'unblockAccount'])
    expect((await act(learner, mutation, { accountId: samId })).codes, mutation).toEqual(['FORBIDDEN']);
  expect((await act(learner, 'createAccount', { email: 'x@example.org', name: 'X' })).codes).toEqual(['FORBIDDEN']);
  const nobody = { accountId: toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009') };
  expect(await act(sam, 'blockAccount', nobody)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
});

test('roles are given and taken by administrators, and the last administrator stays one', async () => {
  const person = await site.aPerson({ username: 'rosa' });
  const accountId = toGlobalId('Account', person.id);
  expect(await act(root, 'grantRole', { accountId, role: 'STAFF' })).toMatchObject({
    account: { roles: expect.arrayContaining(['STAFF']) },
  });
  expect(await act(root, 'grantRole', { accountId, role: 'LEARNER' })).toMatchObject({
    userErrors: [{ code: 'ROLE_IMPLIED', field: ['role'] }],
  });
  const last = { userErrors: [{ code: 'LAST_ADMIN' }], account: null };
  expect(await act(root, 'revokeRole', { accountId: rootId, role: 'ADMIN' })).toMatchObject(last);
  expect(await act(root, 'deactivateAccount', { accountId: rootId })).toMatchObject(last);
  expect(await act(root, 'blockAccount', { accountId: rootId })).toMatchObject(last);
  await act(root, 'revokeRole', { accountId, role: 'STAFF' });
  const roleChanges = (await actionsOn(person.id)).filter(({ action }) => action === 'account.changed');
  expect(roleChanges.map(({ detail }) => detail)).toEqual([{ addedRole: 'STAFF' }, { removedRole: 'STAFF' }]);
});

test('of two administrators who dismiss each other at the same time, one stays', async () => {
  const second = await site.aPerson({ username: 'rival', roles: ['ADMIN'] });
  const rival = await site.caller(second, staffScope);
  const rivalId = toGlobalId('Account', second.id);
  for (let round = 0; round < 5; round++) {
    await site.gateway.context.orm.em
      .fork()
      .execute(`update account set roles = '{ADMIN}' where username in ('root', 'rival')`);
    const answers = await Promise.all([
      act(root, 'revokeRole', { accountId: rivalId, role: 'ADMIN' }),
      act(rival, 'revokeRole', { accountId: rootId, role: 'ADMIN' }),
    ]);
    const left = await site.gateway.context.orm.em.fork().execute(`select 1 from account where 'ADMIN' = any(roles)`);
    expect(left, JSON.stringify(answers)).toHaveLength(1);
  }
  await site.gateway.context.orm.em.fork().execute(`update account set roles = '{ADMIN}' where username = 'root'`);
});

test('an account made by support gets a mail to choose a password by, and an LMS account by itself', async () => {
  const input = { email: 'neo@example.org', name: 'Neo Newcomer', country: 'NL', idempotencyKey: 'neo' };
  const made = await act(sam, 'createAccount', input);
  expect(made).toMatchObject({ account: { username: 'neo-newcomer', status: 'ACTIVE' }, userErrors: [] });
  expect(await act(sam, 'createAccount', input)).toEqual(made);
  expect(await act(sam, 'createAccount', { ...input, idempotencyKey: 'other' })).toMatchObject({
    userErrors: [{ code: 'EMAIL_TAKEN', field: ['email'] }],
  });
  expect(await act(sam, 'createAccount', { ...input, name: 'Someone else' })).toMatchObject({
    userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }],
  });
  const em = site.gateway.context.orm.em.fork();
  const account = await site.gateway.context.services.accounts.findByEmail('neo@example.org');
  expect(await em.findOne(EdxLinkEntity, { accountId: account?.id ?? '' })).toMatchObject({ state: 'PENDING' });
  expect(await em.execute(`select 1 from graphile_worker.jobs where task_identifier = 'send-mail'`)).not.toHaveLength(
    0,
  );
});

test('one’s own password is changed knowing the present one, and other sessions and tokens end', async () => {
  const person = await site.aPerson({ username: 'pia' });
  const [here, elsewhere] = [await signedIn('pia'), await signedIn('pia')];
  const cookie = { url: site.url, cookie: here.cookieHeader('/graphql') };
  const next = 'tea-at-half-past-six';
  expect(await act(cookie, 'changePassword', { currentPassword: 'wrong', password: next })).toMatchObject({
    userErrors: [{ code: 'WRONG_PASSWORD', field: ['currentPassword'] }],
  });
  expect(await act(cookie, 'changePassword', { currentPassword: testPassword, password: 'short' })).toMatchObject({
    userErrors: [{ code: 'TOO_SHORT', field: ['password'] }],
  });
  expect(await act(cookie, 'changePassword', { currentPassword: testPassword, password: next })).toMatchObject({
    account: { username: 'pia' },
    userErrors: [],
  });
  expect((await here.go('/account')).url).toBe(`${site.url}/account`);
  expect((await elsewhere.go('/account')).url).toContain('/login');
  await signedIn('pia', next);
  expect((await actionsOn(person.id)).map(({ action }) => action)).toContain('account.password-changed');
});

test('sessions and grants are ended one by one or all at once, by their owner or by support', async () => {
  const person = await site.aPerson({ username: 'olga' });
  const accountId = toGlobalId('Account', person.id);
  const [first, second] = [await signedIn('olga'), await signedIn('olga')];
  const olga = { url: site.url, cookie: first.cookieHeader('/graphql') };
  const { data } = await askGraph<{ viewer: { sessions: { id: string; current: boolean }[] } }>(
    olga,
    '{ viewer { sessions { id current } } }',
  );
  const other = data?.viewer.sessions.find(({ current }) => !current);
  const eve = await site.caller(await site.aPerson({ username: 'eve' }), 'accounts:write');
  expect((await act(eve, 'revokeSession', { sessionId: other?.id, accountId })).codes).toEqual(['FORBIDDEN']);
  expect(await act(olga, 'revokeSession', { sessionId: other?.id })).toMatchObject({ userErrors: [] });
  expect(await act(olga, 'revokeSession', { sessionId: other?.id })).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  expect((await second.go('/account')).url).toContain('/login');
  expect(await act(olga, 'revokeClientGrant', { clientId: 'nobody' })).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  expect(await act(sam, 'signOutEverywhere', { accountId })).toMatchObject({ userErrors: [] });
  expect((await first.go('/account')).url).toContain('/login');
  const ended = (await actionsOn(person.id)).filter(({ action }) => action === 'sessions.revoked');
  const support = await site.gateway.context.services.accounts.findByUsername('sam');
  expect(ended).toEqual([expect.objectContaining({ actorId: support?.id })]);
});
