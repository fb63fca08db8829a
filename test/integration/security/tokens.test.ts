/** Lines 26 to 28, 30, 31 and 33 to 37 of the security checklist: access and refresh tokens. */
import { afterAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { type ClientCredentials, startProviderSite } from '../../support/provider-site.js';
import { basic, bearer, get, inBody, introspect, obtainTokens, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const refused = { status: 400, body: { error: 'invalid_grant' } };
const refresh = (client: ClientCredentials, token: unknown, more: Record<string, string> = {}) =>
  post(`${site.url}/oauth2/token/`, {
    grant_type: 'refresh_token',
    refresh_token: String(token),
    ...inBody(client),
    ...more,
  });
const revoke = (client: ClientCredentials, token: unknown) =>
  post(`${site.url}/oauth2/revoke_token/`, { token: String(token) }, basic(client));
const me = (token: unknown) => get(`${site.url}/api/users/me`, bearer(token));
const expectInactive = async (client: ClientCredentials, token: unknown) => {
  const answer = await introspect(site, client, token);
  expect([answer.status, answer.body], String(token).slice(0, 20)).toEqual([200, { active: false }]);
};

test('D26: a public client’s refresh token changes with each use; the old one ends the family', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ type: 'PUBLIC' });
  const first = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  const second = await refresh(client, first.refresh_token);
  expect(second.status).toBe(200);
  expect(second.body.refresh_token).not.toBe(first.refresh_token);
  expect((await me(second.body.access_token)).status).toBe(200);
  const third = await refresh(client, second.body.refresh_token);
  expect(third.status).toBe(200);
  expect(third.body.refresh_token).not.toBe(second.body.refresh_token);
  expect(await refresh(client, first.refresh_token)).toMatchObject(refused);
  expect(await refresh(client, third.body.refresh_token)).toMatchObject(refused);
  for (const { access_token: token } of [first, second.body, third.body]) expect((await me(token)).status).toBe(401);
});

test('D27: a refresh token gives no scope that was not granted, and nothing to another client', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'openid profile' });
  expect(await refresh(client, tokens.refresh_token, { scope: 'openid email' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_scope' },
  });
  expect(await refresh(await site.aClient(), tokens.refresh_token)).toMatchObject(refused);
  expect(await refresh(client, tokens.refresh_token, { scope: 'openid' })).toMatchObject({
    status: 200,
    body: { scope: 'openid' },
  });
});

test('D28: nothing works for an account that was disabled', async () => {
  for (const status of ['DEACTIVATED', 'BLOCKED', 'RETIRED'] as const) {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const service = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: account.id });
    const own = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(service) });
    for (const token of [tokens.access_token, own.body.access_token]) expect((await me(token)).status).toBe(200);
    // Nothing but the state is changed: also without the revocation that goes with it no token may work.
    await site.orm.em.fork().nativeUpdate(AccountEntity, { id: account.id }, { status });
    expect(await refresh(client, tokens.refresh_token), status).toMatchObject(refused);
    // The services answer after this; here it is past them.
    await site.changes.everyoneHeard();
    for (const token of [tokens.access_token, own.body.access_token])
      expect((await me(token)).status, status).toBe(401);
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(tokens.access_token))).status, status).toBe(401);
    await expectInactive(client, tokens.access_token);
    await expectInactive(service, own.body.access_token);
  }
});

test('D30: an access token in the address is refused', async () => {
  const account = await site.anAccount();
  const tokens = await obtainTokens(site, await site.aClient(), account.username, { scope: 'openid user:read' });
  for (const path of ['/api/users/me', '/api/v0/userinfo/', '/oauth2/userinfo']) {
    expect((await get(site.url + path, bearer(tokens.access_token))).status, path).toBe(200);
    for (const headers of [{}, bearer(tokens.access_token)]) {
      const answer = await get(`${site.url}${path}?access_token=${tokens.access_token}`, headers);
      expect(answer.status, path).toBeOneOf([400, 401]);
    }
  }
});

test('D31: a missing or bad bearer token is challenged with 401, a missing scope with 403', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  for (const path of ['/api/users/me', '/api/users/me/', '/api/v0/userinfo', '/oauth2/userinfo']) {
    for (const headers of [{}, bearer('nonsense'), bearer('a\u00e4')]) {
      const answer = await get(site.url + path, headers);
      expect(answer.status, `${path} ${JSON.stringify(headers)}`).toBe(401);
      expect(answer.headers.get('www-authenticate'), path).toMatch(/^Bearer/);
    }
    for (const authorization of ['Bearer', 'Bearer a b']) {
      const answer = await get(site.url + path, { authorization });
      expect(answer.status, `${path} ${authorization}`).toBeOneOf([400, 401]);
      expect(answer.headers.get('www-authenticate'), path).toMatch(/^Bearer/);
    }
  }
  const withoutUserRead = await obtainTokens(site, client, account.username, { scope: 'openid email' });
  const withoutOpenid = await obtainTokens(site, client, account.username, { scope: 'email' });
  for (const answer of [
    await me(withoutUserRead.access_token),
    await get(`${site.url}/oauth2/userinfo`, bearer(withoutOpenid.access_token)),
  ]) {
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  }
});

test('D33: revoking ends a token, and answers the same for one that does not exist', async () => {
  const owner = await site.anAccount();
  const client = await site.aClient();
  const service = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id });
  const personal = await obtainTokens(site, client, owner.username, { scope: 'user:read' });
  const own = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(service) });
  for (const [holder, token] of [
    [client, personal.access_token],
    [service, own.body.access_token],
  ] as const) {
    expect((await introspect(site, holder, token)).body.active).toBe(true);
    const answer = await revoke(holder, token);
    expect([answer.status, answer.body.text]).toEqual([200, '']);
    await expectInactive(holder, token);
    expect((await me(token)).status).toBe(401);
  }
  const unknown = await revoke(client, 'never-existed');
  expect([unknown.status, unknown.body.text]).toEqual([200, '']);
});

test('D34: revoking a refresh token ends the access tokens that came with it', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  const second = await refresh(client, tokens.refresh_token);
  for (const token of [tokens.access_token, second.body.access_token]) expect((await me(token)).status).toBe(200);
  expect((await revoke(client, tokens.refresh_token)).status).toBe(200);
  for (const token of [tokens.access_token, second.body.access_token, tokens.refresh_token])
    await expectInactive(client, token);
});

test('D35: a token of another client stays, and nothing is told of it', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  for (const other of [await site.aClient(), await site.aClient({ type: 'PUBLIC' })]) {
    const unknown = await post(`${site.url}/oauth2/revoke_token/`, { token: 'never-existed', ...inBody(other) });
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const foreign = await post(`${site.url}/oauth2/revoke_token/`, { token: String(token), ...inBody(other) });
      expect([foreign.status, foreign.body]).toEqual([unknown.status, unknown.body]);
    }
  }
  expect((await me(tokens.access_token)).status).toBe(200);
  expect((await refresh(client, tokens.refresh_token)).status).toBe(200);
});

test('D36: introspection needs a client that authenticates, and tells a stranger of no token', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username);
  const url = `${site.url}/oauth2/introspect/`;
  const form = { token: String(tokens.access_token) };
  const refusals = [
    await post(url, form),
    await post(url, form, basic({ ...client, secret: 'wrong' })),
    await post(url, { ...form, client_id: client.clientId }),
  ];
  for (const { status, body } of refusals) {
    expect(status).toBeOneOf([400, 401]);
    expect(body).not.toHaveProperty('active');
  }
  const stranger = await site.aClient();
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    expect((await introspect(site, client, token)).body.active).toBe(true);
    await expectInactive(stranger, token);
  }
});

test('D37: expired, revoked, malformed and foreign tokens are inactive, with 200', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const { id_token: idToken } = await obtainTokens(site, client, account.username, { scope: 'openid' });
  const foreign = await obtainTokens(site, await site.aClient(), account.username, { scope: 'user:read' });
  const revoked = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  await revoke(client, revoked.access_token);
  const expired = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  expect((await introspect(site, client, expired.access_token)).body.active).toBe(true);
  await site.orm.em
    .fork()
    .execute(
      `update oidc_artifact set payload = payload || '{"exp": 1}' where model = 'AccessToken' and account_id = ?`,
      [account.id],
    );
  // Past the services, which answer after this.
  await site.changes.everyoneHeard();
  for (const token of [expired, revoked, foreign]) await expectInactive(client, token.access_token);
  for (const token of ['x', 'ä', 'a b', '\u0000', 'a.b.c', 'x'.repeat(10_000), idToken])
    await expectInactive(client, token);
});
