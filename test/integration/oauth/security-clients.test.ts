import { afterAll, describe, expect, test } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { basic, get, inBody, introspect, obtainCode, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const tokenUrl = `${site.url}/oauth2/token/`;
const aService = (scopes = ['user:read']) => site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes });

describe('D17 the token endpoint', () => {
  test('takes POST only', async () => {
    const answer = await get(tokenUrl);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('takes forms only', async () => {
    const client = await aService();
    const json = await fetch(tokenUrl, {
      method: 'POST',
      body: JSON.stringify({ grant_type: 'client_credentials' }),
      headers: { 'content-type': 'application/json', ...basic(client) },
    });
    expect(json.status).toBe(400);
    expect(await json.json()).toMatchObject({ error: 'invalid_request' });
  });

  test.each(['/oauth2/token', '/oauth2/token/', '/oauth2/access_token', '/oauth2/access_token/'])(
    'answers at %s',
    async (path) => {
      const client = await aService();
      const answer = await post(site.url + path, { grant_type: 'client_credentials', ...inBody(client) });
      expect(answer.status).toBe(200);
    },
  );
});

test('programs get their errors in JSON whatever they accept; browsers get a page unless they ask for JSON', async () => {
  const html = { accept: 'text/html' };
  for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke_token', '/oauth2/par']) {
    const answer = await post(site.url + path, { grant_type: 'x' }, { ...html, authorization: 'Basic x' });
    expect(answer.headers.get('content-type'), path).toContain('application/json');
    expect(answer.body.error, path).toBeTypeOf('string');
  }
  const page = await get(`${site.url}/oauth2/authorize?client_id=nobody`, html);
  expect(page.headers.get('content-type')).toContain('text/html');
  const json = await get(`${site.url}/oauth2/authorize?client_id=nobody`, { accept: 'application/json' });
  expect(json).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
});

test('an endpoint that does not exist is not found, in JSON', async () => {
  for (const path of ['/oauth2/nothing', '/.well-known/nothing', '/oauth2/token/x'])
    expect(await get(site.url + path)).toMatchObject({ status: 404, body: { error: 'invalid_request' } });
});

test('D18 tokens, introspection and userinfo are not stored', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'openid' });
  const answers = [
    await post(tokenUrl, {
      grant_type: 'refresh_token',
      refresh_token: String(tokens.refresh_token),
      ...inBody(client),
    }),
    await introspect(site, client, tokens.access_token),
    await get(`${site.url}/oauth2/userinfo`, { authorization: `Bearer ${tokens.access_token}` }),
    await get(`${site.url}/api/users/me`, { authorization: `Bearer ${tokens.access_token}` }),
  ];
  for (const answer of answers) expect(answer.headers.get('cache-control')).toContain('no-store');
});

test('D19 a parameter that comes twice is refused', async () => {
  const client = await aService();
  const twice: [string, string][] = [
    ['grant_type', 'client_credentials'],
    ['scope', 'user:read'],
    ['scope', 'user:read'],
  ];
  expect(await post(tokenUrl, twice, basic(client))).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
});

test('D20 two ways of authenticating at once are refused', async () => {
  const client = await aService();
  const answer = await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) }, basic(client));
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
});

describe('D21 client authentication', () => {
  test('answers a wrong secret and an unknown client alike', async () => {
    const client = await aService();
    const wrong = await post(tokenUrl, {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: 'x',
    });
    const unknown = await post(tokenUrl, { grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'x' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
  });

  test('challenges Basic with Basic', async () => {
    for (const clientId of [(await aService()).clientId, 'nobody']) {
      const answer = await post(tokenUrl, { grant_type: 'client_credentials' }, basic({ clientId, secret: 'wrong' }));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });

  test('takes the secret in the body or by Basic', async () => {
    const client = await aService();
    expect((await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) })).status).toBe(200);
    expect((await post(tokenUrl, { grant_type: 'client_credentials' }, basic(client))).status).toBe(200);
  });

  test('does not take the stored hash for the secret', async () => {
    const client = await aService();
    const row = await site.clients.findByClientId(client.clientId);
    const [stored] = await site.clients.secretsOf([row?.id ?? '']);
    expect(stored?.hash).not.toContain(client.secret);
    const answer = await post(tokenUrl, {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: stored?.hash ?? '',
    });
    expect(answer.status).toBe(401);
  });
});

test('D22 a secret in the address does not count', async () => {
  const client = await aService();
  const query = new URLSearchParams(inBody(client));
  const answer = await post(`${tokenUrl}?${query}`, { grant_type: 'client_credentials' });
  expect([400, 401]).toContain(answer.status);
  expect(answer.body.access_token).toBeUndefined();
});

test('D23 there is no password grant', async () => {
  const client = await site.aClient();
  const answer = await post(tokenUrl, { grant_type: 'password', username: 'a', password: 'b', ...inBody(client) });
  expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  const { body } = await get(`${site.url}/.well-known/openid-configuration`);
  expect(body.grant_types_supported).toContain('authorization_code');
  expect(body.grant_types_supported).not.toContain('password');
  expect(body.grant_types_supported).not.toContain('implicit');
});

describe('D24 client credentials', () => {
  test.each(['learning:read', 'user:read learning:read', 'no-such-scope'])(
    'refuse a scope that is not theirs: %s',
    async (scope) => {
      const client = await aService(['user:read']);
      const answer = await post(tokenUrl, { grant_type: 'client_credentials', scope, ...inBody(client) });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    },
  );

  test('give what is asked, or all there is', async () => {
    const client = await aService(['user:read', 'learning:read']);
    const some = await post(tokenUrl, { grant_type: 'client_credentials', scope: 'learning:read', ...inBody(client) });
    expect(some.body.scope).toBe('learning:read');
    const all = await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) });
    expect(all.body.scope).toBe('user:read learning:read');
    const none = await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(await aService([])) });
    expect(none.body.scope).toBe('user:read');
  });
});

describe('D25 a grant type that a client is not registered for', () => {
  test('is refused at the token endpoint', async () => {
    const account = await site.anAccount();
    const web = await site.aClient({ grantTypes: ['AUTHORIZATION_CODE'] });
    expect(await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(web) })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    const tokens = await obtainTokens(site, web, account.username);
    expect(tokens.refresh_token).toBeUndefined();
    const service = await aService();
    for (const grant_type of ['authorization_code', 'refresh_token'])
      expect((await post(tokenUrl, { grant_type, code: 'x', refresh_token: 'x', ...inBody(service) })).status).toBe(
        400,
      );
  });

  test('is refused at authorize', async () => {
    const service = await aService();
    await expect(obtainCode(site, service.clientId, 'nobody')).rejects.toThrow();
  });
});

describe('D52 guessing', () => {
  test('of a secret meets 429, and the right secret still opens', async () => {
    const client = await aService();
    const guess = (url: string, index: number) =>
      post(url, {
        grant_type: 'client_credentials',
        token: 'x',
        client_id: client.clientId,
        client_secret: `guess-${index}`,
      });
    for (let index = 0; index < 20; index++) expect((await guess(tokenUrl, index)).status).toBe(401);
    for (const url of [tokenUrl, `${site.url}/oauth2/introspect`, `${site.url}/oauth2/revoke_token/`]) {
      const limited = await guess(url, 99);
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) })).status).toBe(200);
    const other = await aService();
    expect(
      (await post(tokenUrl, { grant_type: 'client_credentials', client_id: other.clientId, client_secret: 'x' }))
        .status,
    ).toBe(401);
  });
});
