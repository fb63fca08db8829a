/** Lines 17, 18 and 20 to 25 of the security checklist: the token endpoint and how clients authenticate there. */
import { afterAll, expect, test } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { timeRatio } from '../../support/time-ratio.js';
import { authorizePath, basic, bearer, get, inBody, introspect, obtainTokens, post } from '../oauth/clients.js';

const site = await startProviderSite({ env: { CLIENT_FAILURES_PER_MINUTE: '1000' } });
afterAll(() => site[Symbol.asyncDispose]());
const tokenUrl = `${site.url}/oauth2/token/`;
const ownGrant = { grant_type: 'client_credentials' };
const aService = (scopes = ['user:read']) => site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes });

test('D17: the token endpoint takes POST only, and forms only', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await fetch(tokenUrl, { method });
    expect(answer.status, method).toBe(405);
    expect(answer.headers.get('allow'), method).toBe('POST');
  }
  const client = await aService();
  const json = await fetch(tokenUrl, {
    method: 'POST',
    body: JSON.stringify({ ...ownGrant, ...inBody(client) }),
    headers: { 'content-type': 'application/json', ...basic(client) },
  });
  expect(json.status).toBe(400);
  expect(await json.json()).toMatchObject({ error: 'invalid_request' });
});

test('D18: answers with tokens, of introspection and of userinfo are not stored, refusals neither', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token), ...inBody(client) };
  const answers = [
    [200, await post(tokenUrl, refresh)],
    [400, await post(tokenUrl, { ...refresh, refresh_token: 'x' })],
    [200, await introspect(site, client, tokens.access_token)],
    [200, await get(`${site.url}/oauth2/userinfo`, bearer(tokens.access_token))],
    [401, await get(`${site.url}/oauth2/userinfo`, bearer('x'))],
    [200, await get(`${site.url}/api/users/me`, bearer(tokens.access_token))],
  ] as const;
  for (const [status, answer] of answers) {
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  }
});

test('D20: two ways of authenticating at once are refused', async () => {
  const client = await aService();
  expect(await post(tokenUrl, { ...ownGrant, ...inBody(client) }, basic(client))).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  });
  const assertion = {
    client_assertion: 'a.b.c',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
  expect(await post(tokenUrl, { ...ownGrant, ...assertion }, basic(client))).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  });
});

test('D21: a wrong secret and an unknown client are told alike, in as much time; Basic is challenged with Basic', async () => {
  const client = await aService();
  const row = await site.clients.findByClientId(client.clientId);
  const [stored] = await site.clients.secretsOf([row?.id ?? '']);
  const unknown = { clientId: 'nobody', secret: 'x' };
  const ask = (credentials: typeof unknown) => post(tokenUrl, { ...ownGrant, ...inBody(credentials) });
  const expected = await ask(unknown);
  expect(expected).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  for (const secret of ['x', client.secret.slice(1), stored?.hash ?? '']) {
    const wrong = await ask({ ...client, secret });
    expect([wrong.status, wrong.body]).toEqual([expected.status, expected.body]);
  }
  for (const { clientId } of [client, unknown]) {
    const answer = await post(tokenUrl, ownGrant, basic({ clientId, secret: 'wrong' }));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  }
  const ratio = await timeRatio(
    20,
    () => ask({ ...client, secret: 'x' }),
    () => ask(unknown),
  );
  expect(ratio).toBeGreaterThan(1 / 5);
  expect(ratio).toBeLessThan(5);
});

test('D22: a secret in the address does not count', async () => {
  const client = await aService();
  const { client_id: clientId = '', client_secret: secret = '' } = inBody(client);
  const inQuery = (parameters: Record<string, string>) => `${tokenUrl}?${new URLSearchParams(parameters)}`;
  for (const answer of [
    await post(inQuery({ client_id: clientId, client_secret: secret }), ownGrant),
    await post(inQuery({ client_secret: secret }), { ...ownGrant, client_id: clientId }),
  ]) {
    expect(answer.status).toBeOneOf([400, 401]);
    expect(answer.body).not.toHaveProperty('access_token');
  }
});

test('D23: there is no password grant', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const form = { grant_type: 'password', username: account.username, password: 'x', ...inBody(client) };
  expect(await post(tokenUrl, form)).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  const { body } = await get(`${site.url}/.well-known/openid-configuration`);
  expect(body.grant_types_supported).toContain('authorization_code');
  for (const grant of ['password', 'implicit']) expect(body.grant_types_supported).not.toContain(grant);
});

test('D24: client credentials with a scope that is not the client’s are refused', async () => {
  const client = await aService(['user:read']);
  for (const scope of ['learning:read', 'user:read learning:read', 'no-such-scope']) {
    const answer = await post(tokenUrl, { ...ownGrant, scope, ...inBody(client) });
    expect(answer, scope).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  }
});

test('D25: a grant type that a client is not registered for is refused', async () => {
  const account = await site.anAccount();
  const web = await site.aClient({ grantTypes: ['AUTHORIZATION_CODE'] });
  const service = await aService();
  const grants = {
    authorization_code: { code: 'x', redirect_uri: 'http://client.localhost:9000/callback' },
    refresh_token: { refresh_token: 'x' },
    'urn:ietf:params:oauth:grant-type:device_code': { device_code: 'x' },
  };
  for (const [grant_type, form] of Object.entries(grants)) {
    const answer = await post(tokenUrl, { grant_type, ...form, ...inBody(service) });
    expect(answer.status, grant_type).toBe(400);
    expect(answer.body.error, grant_type).toBeOneOf(['unauthorized_client', 'invalid_request']);
  }
  const own = await post(tokenUrl, { ...ownGrant, ...inBody(web) });
  expect(own.status).toBe(400);
  expect(own.body.error).toBeOneOf(['unauthorized_client', 'invalid_request']);
  expect(await obtainTokens(site, web, account.username)).not.toHaveProperty('refresh_token');
  const device = await post(`${site.url}/oauth2/device-authorization`, inBody(web));
  expect(device.status).toBe(400);
  const page = await site.newBrowser().visit(authorizePath(service.clientId));
  expect(page.status).toBe(400);
  expect(page.headers.get('location')).toBeNull();
});
