/** What people and programs are told while the database is away, and that all works again when it is back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { callbackUrl, type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { authorizePath, aVerifier, basic, bearer, get, inBody, obtainCode, obtainTokens, post } from './clients.js';

let database: TestDatabase;
let proxy: TcpProxy;
let site: ProviderSite;
/** On the same database, which it always reaches. */
let neighbour: ProviderSite;
beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const proxied = new URL(database.url);
  proxied.host = `127.0.0.1:${proxy.port}`;
  [site, neighbour] = await Promise.all([
    startProviderSite({ databaseUrl: proxied.href, patience: { connectMs: 1_000, turnMs: 10_000, answerMs: 1_500 } }),
    startProviderSite({ databaseUrl: database.url }),
  ]);
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await neighbour[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Takes the database away for as long as the act takes, and waits until it is there again. */
async function withoutDatabase<T>(act: () => Promise<T>): Promise<T> {
  await proxy.cut();
  try {
    return await act();
  } finally {
    await restore();
  }
}

async function restore(): Promise<void> {
  await proxy.restore();
  await eventually('the site is ready', async () => (await fetch(`${site.url}/health/ready`)).ok);
}

/** Has the database end each connection that inserts into a table, as it does when it is shut down at that moment. */
async function withOutageAt<T>(table: string, act: () => Promise<T>): Promise<T> {
  const em = neighbour.orm.em.fork();
  await em.execute(`create function shut_down() returns trigger language plpgsql as
    $$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$`);
  await em.execute(`create trigger shut_down before insert on ${table} execute function shut_down()`);
  try {
    return await act();
  } finally {
    await em.execute('drop function shut_down cascade');
  }
}

async function expectUnavailable(answer: Response): Promise<string> {
  const text = await answer.text();
  expect(answer.status, text.slice(0, 300)).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.getSetCookie()).toEqual([]);
  return text;
}

const forPerson = { accept: 'text/html' };

describe('while the database is away', () => {
  /** What somebody has who is signed in, and their client. */
  let cookie: string;
  let token: unknown;
  beforeAll(async () => {
    const { username } = await site.anAccount();
    const browser = site.newBrowser();
    await browser.go('/login');
    await browser.submit({ identifier: username, password: testPassword });
    cookie = browser.cookieHeader('/account');
    const client = await site.aClient({ skipConsent: true, requirePkce: false });
    token = (await obtainTokens(site, client, username, { scope: 'user:read' })).access_token;
    await proxy.cut();
  });
  afterAll(restore);

  const credentials = { client_id: 'somebody', client_secret: 'something' };
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  });

  test.each<[string, RequestInit]>([
    ['/oauth2/token/', form({ grant_type: 'client_credentials', ...credentials })],
    ['/oauth2/access_token/', form({ grant_type: 'refresh_token', refresh_token: 'x', ...credentials })],
    ['/oauth2/introspect/', form({ token: 'x', ...credentials })],
    ['/oauth2/revoke_token/', form({ token: 'x', ...credentials })],
    ['/oauth2/par', form({ response_type: 'code', ...credentials })],
    ['/oauth2/device-authorization', form({ ...credentials })],
    ['/oauth2/userinfo/', { headers: bearer('x') }],
    ['/oauth2/userinfo/', { headers: { ...bearer('x'), ...forPerson } }],
  ])('%s says temporarily_unavailable to a client', async (path, init) => {
    expect(JSON.parse(await expectUnavailable(await fetch(site.url + path, init)))).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.any(String),
    });
  });

  test.each<[string, RequestInit]>([
    [authorizePath('somebody'), {}],
    ['/oauth2/logout/?client_id=somebody', {}],
    ['/oauth2/device', form({ user_code: 'BBBB-BBBB' })],
    ['/register/details', { headers: { cookie: 'portico_registration=abc' } }],
    ['/password/reset/choose?token=01234567-0123-0123-0123-012345678901.zzzzzz.x', {}],
  ])('%s is a page that says so to a person', async (path, init) => {
    const headers = { ...forPerson, ...init.headers };
    const text = await expectUnavailable(await fetch(site.url + path, { redirect: 'manual', ...init, headers }));
    expect(text).toContain('<h1>Not available right now</h1>');
    expect(text).toContain('Try again in a few seconds');
  });

  test.each(['/account', '/login', '/oauth2/device', '/oauth2/logout', authorizePath('somebody')])(
    '%s is one to a person who is signed in, too',
    async (path) => {
      await expectUnavailable(await fetch(site.url + path, { headers: { ...forPerson, cookie }, redirect: 'manual' }));
    },
  );

  test('REST answers an error with a code', async () => {
    const answer = await fetch(`${site.url}/api/users/me`, { headers: bearer(token) });
    expect(JSON.parse(await expectUnavailable(answer))).toMatchObject({
      error: { code: 'UNAVAILABLE', retryable: true },
    });
  });

  test('GraphQL answers an error with a code, and what asks the database for nothing', async () => {
    const ask = (headers: Record<string, string>, query: string) =>
      fetch(`${site.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
    expect(JSON.parse(await expectUnavailable(await ask(bearer(token), '{ viewer { username } }')))).toMatchObject({
      errors: [{ extensions: { code: 'UNAVAILABLE', retryable: true, retryAfterSeconds: expect.any(Number) } }],
    });
    expect((await ask({}, '{ __typename }')).status).toBe(200);
  });

  test('a WebSocket is asked to come again', async () => {
    const socket = new WebSocket(`${site.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const { promise, resolve } = Promise.withResolvers<number>();
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('close', resolve);
    expect(await promise).toBe(1013);
  });

  test('readiness says no, liveness says yes', async () => {
    const statuses = ['ready', 'live'].map(async (path) => (await fetch(`${site.url}/health/${path}`)).status);
    expect(await Promise.all(statuses)).toEqual([503, 200]);
  });
});

describe('an operation of the graph', () => {
  test('that meets the outage half-way is answered with the error and what there was', async () => {
    const { id: ownerId } = await site.anAccount();
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'], ownerId });
    // Of a token that a person gave, the link would be read along with it.
    const fields = { grant_type: 'client_credentials', scope: 'user:read' };
    const { access_token: token } = (await post(`${site.url}/oauth2/token/`, fields, basic(client))).body;
    const em = neighbour.orm.em.fork();
    const ask = async (query: string) => {
      const answer = await fetch(`${site.url}/graphql?${new URLSearchParams({ query })}`, {
        headers: { ...bearer(token), 'apollo-require-preflight': 'yes' },
      });
      return { status: answer.status, body: await answer.json() };
    };
    await em.execute('alter table edx_link rename to edx_link_away');
    await em.execute(`create function shut_down() returns setof edx_link_away language plpgsql as
      $$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$`);
    await em.execute('create view edx_link as select * from shut_down()');
    try {
      const errors = [{ path: ['viewer', 'edx'], extensions: { code: 'UNAVAILABLE' } }];
      const viewer = 'viewer { username edx { state } }';
      expect(await ask(`{ ${viewer} }`)).toMatchObject({ status: 503, body: { errors } });
      expect(await ask(`{ ${viewer} __typename }`)).toMatchObject({
        status: 200,
        body: { data: { viewer: null, __typename: 'Query' }, errors },
      });
    } finally {
      await em.execute('drop view edx_link; drop function shut_down; alter table edx_link_away rename to edx_link');
    }
  });
});

describe('afterwards', () => {
  test('who was signed in still is', async () => {
    const { username } = await site.anAccount();
    const browser = site.newBrowser();
    await browser.go('/login');
    await browser.submit({ identifier: username, password: testPassword });
    // The first request meets connections that break, the second none.
    for (const page of await withoutDatabase(async () => [await browser.go('/account'), await browser.go('/account')]))
      expect(page.status).toBe(503);
    expect(await browser.go('/account')).toMatchObject({ status: 200, url: `${site.url}/account` });
  });

  test('what was issued before is good, and what was not used up works', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC', skipConsent: true });
    const tokens = await obtainTokens(site, client, username);
    const { verifier, challenge } = aVerifier();
    const code = await obtainCode(site, client.clientId, username, {
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const byCode = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: callbackUrl,
      ...inBody(client),
    };
    const byRefreshToken = {
      grant_type: 'refresh_token',
      refresh_token: String(tokens.refresh_token),
      ...inBody(client),
    };
    const token = (fields: Record<string, string>) => post(`${site.url}/oauth2/token/`, fields);
    const failed = await withoutDatabase(() => Promise.all([token(byCode), token(byRefreshToken)]));
    expect(failed.map(({ status }) => status)).toEqual([503, 503]);
    expect((await get(`${site.url}/api/users/me`, bearer(tokens.access_token))).status).toBe(200);
    const again = await Promise.all([token(byCode), token(byRefreshToken)]);
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('nothing is known as it was before', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    const ask = () => post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials' }, basic(client));
    expect((await ask()).body.scope).toBe('user:read');
    await withoutDatabase(() => neighbour.clients.update(client.clientId, { scopes: ['learning:read'] }, systemActor));
    // The changes that were announced meanwhile are lost; the site asks anew once it listens again.
    await eventually('the new scope is given', async () => (await ask()).body.scope === 'learning:read', {
      deadlineMs: 5_000,
    });
    await neighbour.clients.update(client.clientId, { scopes: ['user:read'] }, systemActor);
    await eventually('changes are heard of again', async () => (await ask()).body.scope === 'user:read', {
      deadlineMs: 1_000,
    });
  });

  test('a session that was about to move is where it was', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    await browser.go('/login');
    await browser.submit({ identifier: username, password: testPassword });
    await browser.go(authorizePath(client.clientId));
    expect(browser.page?.url).toContain('/consent/');
    const page = await withOutageAt('oidc_session', () => browser.submit({ decision: 'allow' }));
    expect(page.status).toBe(503);
    expect(await browser.go('/account')).toMatchObject({ status: 200, url: `${site.url}/account` });
  });

  test('a code or refresh token that nothing was given for yet is as good as before', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC', skipConsent: true });
    const { verifier, challenge } = aVerifier();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await obtainCode(site, client.clientId, username, pkce);
    const proof = { code, code_verifier: verifier, redirect_uri: callbackUrl };
    const byCode = { grant_type: 'authorization_code', ...proof, ...inBody(client) };
    const token = (fields: Record<string, string>) => post(`${site.url}/oauth2/token/`, fields);
    expect((await withOutageAt('oidc_artifact', () => token(byCode))).status).toBe(503);
    const { status, body } = await token(byCode);
    expect(status).toBe(200);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token), ...inBody(client) };
    expect((await withOutageAt('oidc_artifact', () => token(refresh))).status).toBe(503);
    expect((await token(refresh)).status).toBe(200);
    expect((await token(refresh)).body).toMatchObject({ error: 'invalid_grant' });
  });
});

test('a database that does not answer is waited for, but not for long', async () => {
  const { username } = await site.anAccount();
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
  const headers = { ...forPerson, cookie: browser.cookieHeader('/account') };
  const visit = () => fetch(`${site.url}/account`, { headers, redirect: 'manual' });
  proxy.freeze();
  try {
    // More than there are connections: some wait for an answer, some for a connection, some for one that is made.
    for (const answer of await Promise.all(Array.from({ length: 30 }, visit))) await expectUnavailable(answer);
  } finally {
    proxy.thaw();
  }
  await eventually('pages are there again', async () => (await visit()).status === 200);
  // A new client each time: what is known of one that was asked for stays known while nobody hears of its change.
  await eventually('changes are heard of again', async () => {
    const client = await neighbour.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    const ask = () => post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials' }, basic(client));
    expect((await ask()).body.scope).toBe('user:read');
    await neighbour.clients.update(client.clientId, { scopes: ['learning:read'] }, systemActor);
    const isHeard = async () => (await ask()).body.scope === 'learning:read';
    return eventually('it is heard of', isHeard, { deadlineMs: 1_000 }).catch(() => false);
  });
});
