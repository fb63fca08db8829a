import { afterAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/crypto/hash.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import type { OwnerRows } from '../../../src/services/account/owner-rows.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { startProviderSite } from '../../support/provider-site.js';
import { createTestDatabase } from '../../support/test-database.js';
import { bearer, get, inBody, obtainTokens, post } from './clients.js';

const database = await createTestDatabase();
const site = await startProviderSite({ databaseUrl: database.url });
const second = await startProviderSite({ databaseUrl: database.url, env: { PORTICO_PUBLIC_URL: site.url } });
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const support = { actor: systemActor, roles: new Set(['SUPPORT', 'STAFF'] as const) };
const { accountLifecycle } = site.services;

/** A person's token that no process has seen yet. */
async function aToken(scope = 'openid user:read offline_access') {
  const account = await site.anAccount();
  const client = await site.aClient({ scopes: ['openid', 'user:read', 'offline_access'] });
  const tokens = await obtainTokens(site, client, account.username, { scope, prompt: 'consent' });
  return { account, client, token: String(tokens.access_token), tokens };
}

/** A person's token that both processes know. */
async function aKnownToken(scope?: string) {
  const known = await aToken(scope);
  const { account, token } = known;
  for (const { oauth } of [site, second])
    expect((await oauth.authenticateToken(token, 'bearer'))?.account?.id).toBe(account.id);
  return known;
}

/** Whether each process lets the token in, asked without a pause. */
const letIn = (token: string) =>
  Promise.all([second, site].map(async ({ oauth }) => (await oauth.authenticateToken(token, 'bearer')) !== undefined));

/** How often either process turns to the database while something happens. */
async function countDatabaseUses(act: () => Promise<unknown>): Promise<number> {
  const pools = await Promise.all(
    [site, second].map(({ orm }) => orm.em.getDriver().getConnection().getNativeClient()),
  );
  let count = 0;
  const note = () => count++;
  for (const pool of pools) pool.on('acquire', note);
  try {
    await act();
  } finally {
    for (const pool of pools) pool.off('acquire', note);
  }
  return count;
}

test('a token is looked up together with its grant and its account, in one go', async () => {
  const { account, token } = await aToken();
  let viewer: Awaited<ReturnType<typeof site.oauth.authenticateToken>>;
  expect(await countDatabaseUses(async () => (viewer = await site.oauth.authenticateToken(token, 'bearer')))).toBe(1);
  expect(viewer?.account).toMatchObject({ id: account.id, username: account.username });
});

test('with it comes what pages about its account begin with, for whoever wants that', async () => {
  const { account, token } = await aToken();
  const { accounts, edxLinks } = site.services;
  await site.orm.em
    .fork()
    .nativeUpdate(EdxLinkEntity, { accountId: account.id }, { edxUsername: 'Somebody', linkedAt: new Date() });
  await site.orm.em
    .fork()
    .execute(`insert into learning_answer (name, lms_username, answer, as_of) values ('any', 'somebody', '1', now())`);
  const told: OwnerRows[] = [];
  const ask = () => site.oauth.authenticateToken(token, 'bearer', undefined, (owner) => told.push(owner));
  expect(await countDatabaseUses(ask)).toBe(1);
  const [row] = await accounts.findByIds([account.id]);
  const [edxLink] = await edxLinks.findByAccountIds([account.id]);
  expect(row?.createdAt).toBeInstanceOf(Date);
  expect(told).toEqual([{ account: row, edxLink, hasKeptAnswers: true }]);

  // Of what was read for another request nobody is told.
  expect(await countDatabaseUses(ask)).toBe(0);
  expect(told).toHaveLength(1);
  const other = await aToken();
  await site.oauth.authenticateToken(other.token, 'bearer', undefined, (owner) => told.push(owner));
  expect(told[1]).toMatchObject({ account: { id: other.account.id }, hasKeptAnswers: false });
});

describe('a token that was found good', () => {
  test('is let in without asking the database again, and so is its person', async () => {
    const { token } = await aKnownToken();
    const me = () => get(`${site.url}/api/users/me`, bearer(token));
    expect((await me()).status).toBe(200);
    expect(await countDatabaseUses(me)).toBe(0);
  });

  test('is let in nowhere when its client revoked it', async () => {
    const { client, token } = await aKnownToken();
    await post(`${site.url}/oauth2/revoke_token/`, { token, ...inBody(client) });
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when its refresh token was revoked', async () => {
    const { client, token, tokens } = await aKnownToken();
    await post(`${site.url}/oauth2/revoke_token/`, { token: String(tokens.refresh_token), ...inBody(client) });
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when its person signed out everywhere', async () => {
    const { account, token } = await aKnownToken();
    await site.oauth.signIn.revokeAll(account.id);
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when the session that it hangs on is ended', async () => {
    const { account, token } = await aKnownToken('openid user:read');
    const [session] = await site.oauth.signIn.list(account.id);
    await site.oauth.signIn.revoke(account.id, session?.uid ?? '');
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when its person took the consent back', async () => {
    const { account, client, token } = await aKnownToken();
    await site.oauth.clientGrants.revoke(account.id, client.clientId);
    expect(await letIn(token)).toEqual([false, false]);
  });

  test.each(['block', 'deactivate'] as const)('is let in nowhere after %s of its account', async (act) => {
    const { account, token } = await aKnownToken();
    await accountLifecycle[act](account.id, support);
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('carries the roles that its person has now, everywhere', async () => {
    const { account, token } = await aKnownToken();
    const rolesThere = async () => (await second.oauth.authenticateToken(token, 'bearer'))?.roles.has('STAFF');
    await accountLifecycle.grantRole(account.id, 'STAFF', systemActor);
    expect(await rolesThere()).toBe(true);
    await accountLifecycle.revokeRole(account.id, 'STAFF', systemActor);
    expect(await rolesThere()).toBe(false);
  });

  test('opens nothing more, anywhere, by a scope that its client lost', async () => {
    const { client, token } = await aKnownToken();
    const scopesThere = async () => (await second.oauth.authenticateToken(token, 'bearer'))?.scopes;
    expect(await scopesThere()).toContain('user:read');
    await site.clients.update(client.clientId, { scopes: ['openid', 'offline_access'] }, systemActor);
    expect(await scopesThere()).not.toContain('user:read');
    expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(403);
  });

  test('tells its client nothing more by such a scope', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ scopes: ['openid', 'email', 'profile', 'user:read'], skipConsent: true });
    const info = async (scope: string) => {
      const { access_token: token } = await obtainTokens(site, client, account.username, { scope });
      return () => get(`${site.url}/oauth2/userinfo`, bearer(token));
    };
    const [full, plain] = [await info('openid email profile'), await info('user:read')];
    expect((await full()).body).toMatchObject({ sub: account.id, email: account.email, name: account.name });
    expect((await plain()).body).toMatchObject({ email: account.email });
    await site.clients.update(client.clientId, { scopes: ['openid', 'profile'] }, systemActor);
    const rest = await eventually('the client is known anew', async () => {
      const { body } = await full();
      return body.email === undefined ? body : undefined;
    });
    expect(rest).toMatchObject({ sub: account.id, name: account.name });
    expect(await plain()).toMatchObject({ status: 403 });
  });

  test('tells of its person as they are now, and of nobody once it ended', async () => {
    const told = (token: string) => get(`${site.url}/oauth2/userinfo`, bearer(token));
    const account = await site.anAccount();
    const client = await site.aClient({ scopes: ['openid', 'user:read'], skipConsent: true });
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const token = String(tokens.access_token);
    // What is read while something of it changes is not kept.
    await site.changes.everyoneHeard();
    for (let time = 0; time < 2; time += 1)
      expect((await told(token)).body).toMatchObject({ sub: account.id, name: account.name });
    expect(await countDatabaseUses(() => told(token))).toBe(0);
    await site.orm.em.fork().execute(`update account set name = 'Somebody Else' where id = ?`, [account.id]);
    await eventually('the name is the new one', async () => (await told(token)).body.name === 'Somebody Else');
    await site.changes.everyoneHeard();
    expect((await told(token)).status).toBe(200);
    await post(`${site.url}/oauth2/revoke_token/`, { token, ...inBody(client) });
    expect((await told(token)).status).toBe(401);
  });

  test.each([
    ['restricted', (clientId: string) => site.clients.restrict(clientId, aRestriction, systemActor)],
    ['told to give up its tokens', (clientId: string) => site.clients.revokeTokens(clientId, systemActor)],
    ['deleted', (clientId: string) => site.clients.remove(clientId, systemActor)],
  ])('is let in nowhere when its client was %s', async (_what, act) => {
    const { client, token } = await aKnownToken();
    await act(client.clientId);
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when it is the own token of a client that was deleted', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    const asked = { grant_type: 'client_credentials', ...inBody(client) };
    const token = String((await post(`${site.url}/oauth2/token/`, asked)).body.access_token);
    expect(await letIn(token)).toEqual([true, true]);
    await site.clients.remove(client.clientId, systemActor);
    expect(await letIn(token)).toEqual([false, false]);
  });

  test('is let in nowhere when somebody deleted it by hand', async () => {
    const { account, token } = await aKnownToken();
    await site.orm.em.fork().execute(`delete from oidc_artifact where account_id = ?`, [account.id]);
    await eventually('both have heard', async () => !(await letIn(token)).includes(true), { deadlineMs: 2_000 });
  });
});

describe('a token by exchange, which ends with the one it was made of', () => {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  const exchanged = async (subject: string, more = {}) => {
    const backEnd = await site.aClient({ grantTypes: ['TOKEN_EXCHANGE'], scopes: ['user:read'] });
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', scope: 'user:read', ...more };
    const asked = { ...grant, subject_token: subject, subject_token_type: type, ...inBody(backEnd) };
    return String((await post(`${site.url}/oauth2/token/`, asked)).body.access_token);
  };

  test.each([
    ['opaque', (subject: string) => exchanged(subject)],
    [
      'a JWT',
      (subject: string) => exchanged(subject, { requested_token_type: 'urn:ietf:params:oauth:token-type:jwt' }),
    ],
    ['itself made of one by exchange', async (subject: string) => exchanged(await exchanged(subject))],
  ])('is looked for each time when it is %s', async (_form, make) => {
    const { account, token } = await aKnownToken();
    const made = await make(token);
    for (const { oauth } of [site, second]) {
      const ask = async () => expect((await oauth.authenticateToken(made, 'bearer'))?.account?.id).toBe(account.id);
      await ask();
      expect(await countDatabaseUses(ask)).toBeGreaterThan(0);
    }
    // By a statement that nobody waits for.
    await site.orm.em
      .fork()
      .execute(`delete from oidc_artifact where model = 'AccessToken' and id = ?`, [sha256(token)]);
    expect(await letIn(made)).toEqual([false, false]);
  });
});

test('while a process does not hear of changes it asks the database each time', async () => {
  const { account, token } = await aKnownToken();
  const known = () => countDatabaseUses(() => second.oauth.authenticateToken(token, 'bearer'));
  expect(await known()).toBe(0);
  await site.orm.em.fork().execute(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'portico-changes' and datname = current_database()`);
  await eventually('the feed is lost', async () => second.changes.connection() === undefined, { deadlineMs: 2_000 });
  expect(await known()).toBeGreaterThan(0);
  await site.orm.em.fork().execute(`delete from oidc_artifact where account_id = ?`, [account.id]);
  expect(await second.oauth.authenticateToken(token, 'bearer')).toBeUndefined();
  await eventually('the feed is back', async () => second.changes.connection() !== undefined, { deadlineMs: 5_000 });
});

const aRestriction = { mode: 'SSO_ONLY' as const, scopes: [], organizations: [], providers: [] };
