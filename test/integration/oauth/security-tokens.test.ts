import { afterAll, describe, expect, test } from 'vitest';
import type { AccountStatus } from '../../../src/entities/account.entity.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OidcArtifactEntity } from '../../../src/entities/oidc-artifact.entity.js';
import { type ClientCredentials, startProviderSite } from '../../support/provider-site.js';
import { basic, bearer, get, inBody, introspect, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

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
const setStatus = (id: string, status: AccountStatus) =>
  site.orm.em.fork().nativeUpdate(AccountEntity, { id }, { status });

describe('D26 the refresh token of a public client', () => {
  test('changes with each use; the old one ends the family', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC' });
    const first = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const second = await refresh(client, first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect((await me(second.body.access_token)).status).toBe(200);
    expect(await refresh(client, first.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(client, second.body.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    for (const token of [first.access_token, second.body.access_token]) expect((await me(token)).status).toBe(401);
  });

  test('used by many at once gives one of them a new one', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC' });
    const tokens = await obtainTokens(site, client, account.username);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(client, tokens.refresh_token)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  test('of a client with a secret stays the same', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username);
    const again = await refresh(client, tokens.refresh_token);
    expect(again.body.refresh_token).toBe(tokens.refresh_token);
    expect(again.body.access_token).not.toBe(tokens.access_token);
  });
});

describe('D27 a refresh token', () => {
  test('gives no scope that was not granted', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid profile' });
    expect(await refresh(client, tokens.refresh_token, { scope: 'openid email' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    const narrower = await refresh(client, tokens.refresh_token, { scope: 'openid' });
    expect(narrower).toMatchObject({ status: 200, body: { scope: 'openid' } });
  });

  test('is good for its client only', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username);
    expect(await refresh(await site.aClient(), tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });
});

test.each(['DEACTIVATED', 'BLOCKED', 'RETIRED'] as const)(
  'D28 nothing works for an account that is %s',
  async (status) => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const service = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: account.id });
    const own = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(service) });
    expect((await me(own.body.access_token)).status).toBe(200);
    await setStatus(account.id, status);
    expect(await refresh(client, tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await me(tokens.access_token)).status).toBe(401);
    expect((await me(own.body.access_token)).status).toBe(401);
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(tokens.access_token))).status).toBe(401);
    expect((await introspect(site, client, tokens.access_token)).body).toEqual({ active: false });
    expect((await introspect(site, service, own.body.access_token)).body).toEqual({ active: false });
  },
);

describe('D30 an access token in the address', () => {
  test.each(['/api/users/me', '/api/v0/userinfo/', '/oauth2/userinfo'])('is refused at %s', async (path) => {
    const account = await site.anAccount();
    const tokens = await obtainTokens(site, await site.aClient(), account.username, { scope: 'openid user:read' });
    const answer = await get(`${site.url}${path}?access_token=${tokens.access_token}`);
    expect([400, 401]).toContain(answer.status);
    const both = await get(`${site.url}${path}?access_token=${tokens.access_token}`, bearer(tokens.access_token));
    expect([400, 401]).toContain(both.status);
  });
});

describe('D31 a bearer token', () => {
  test.each(['/api/users/me', '/api/users/me/', '/api/v0/userinfo', '/oauth2/userinfo'])(
    'is asked for at %s',
    async (path) => {
      for (const headers of [
        {},
        bearer('nonsense'),
        bearer('a\u00e4'),
        { authorization: 'Bearer' },
        { authorization: 'Bearer a b' },
      ]) {
        const answer = await get(site.url + path, headers);
        expect([400, 401], JSON.stringify(headers)).toContain(answer.status);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
      expect((await get(site.url + path)).status).toBe(401);
    },
  );

  test('without the scope is told which one is missing', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid email' });
    const answer = await me(tokens.access_token);
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    const plain = await obtainTokens(site, client, account.username, { scope: 'email' });
    const info = await get(`${site.url}/oauth2/userinfo`, bearer(plain.access_token));
    expect(info).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  });

  test('may come with the scheme word of Open edX', async () => {
    const account = await site.anAccount();
    const tokens = await obtainTokens(site, await site.aClient(), account.username, { scope: 'user:read' });
    const answer = await get(`${site.url}/api/users/me`, { authorization: `JWT ${tokens.access_token}` });
    expect(answer).toMatchObject({ status: 200, body: { username: account.username } });
  });
});

describe('D33 revoking', () => {
  test('ends a token, and answers the same for one that does not exist', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'user:read' });
    expect((await introspect(site, client, tokens.access_token)).body.active).toBe(true);
    const answer = await revoke(client, tokens.access_token);
    expect([answer.status, answer.body.text]).toEqual([200, '']);
    expect((await introspect(site, client, tokens.access_token)).body).toEqual({ active: false });
    expect((await me(tokens.access_token)).status).toBe(401);
    const unknown = await revoke(client, 'never-existed');
    expect([unknown.status, unknown.body.text]).toEqual([200, '']);
  });

  test('ends a token of client credentials', async () => {
    const owner = await site.anAccount();
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id });
    const { body } = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client) });
    expect((await introspect(site, client, body.access_token)).body).toMatchObject({
      active: true,
      client_id: client.clientId,
      scope: 'openid profile email user:read',
      username: owner.username,
      token_type: 'Bearer',
    });
    expect((await post(`${site.url}/oauth2/revoke/`, { token: String(body.access_token) }, basic(client))).status).toBe(
      200,
    );
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });
});

test('D34 revoking a refresh token ends the access tokens that came with it', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  const second = await refresh(client, tokens.refresh_token);
  expect((await revoke(client, tokens.refresh_token)).status).toBe(200);
  for (const token of [tokens.access_token, second.body.access_token, tokens.refresh_token])
    expect((await introspect(site, client, token)).body).toEqual({ active: false });
});

test('D35 a token of another client stays, and nothing is told of it', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  const other = await site.aClient();
  const foreign = await revoke(other, tokens.access_token);
  const unknown = await revoke(other, 'never-existed');
  expect([foreign.status, foreign.body]).toEqual([unknown.status, unknown.body]);
  expect((await me(tokens.access_token)).status).toBe(200);
});

describe('D36 introspection', () => {
  test('asks the client to authenticate', async () => {
    const client = await site.aClient();
    const url = `${site.url}/oauth2/introspect/`;
    expect([400, 401]).toContain((await post(url, { token: 'x' })).status);
    expect((await post(url, { token: 'x' }, basic({ ...client, secret: 'wrong' }))).status).toBe(401);
  });

  test('tells other clients nothing', async () => {
    const account = await site.anAccount();
    const tokens = await obtainTokens(site, await site.aClient(), account.username);
    const stranger = await site.aClient();
    for (const token of [tokens.access_token, tokens.refresh_token])
      expect((await introspect(site, stranger, token)).body).toEqual({ active: false });
  });

  test('tells a client of its own tokens', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const { body } = await introspect(site, client, tokens.access_token);
    expect(body).toMatchObject({
      active: true,
      sub: account.id,
      username: account.username,
      client_id: client.clientId,
      scope: 'openid user:read',
      iss: site.url,
      exp: expect.any(Number),
    });
    expect(body).not.toHaveProperty('jti');
  });
});

test('D37 whatever is not an active token of ours is inactive, with 200', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const { id_token: idToken } = await obtainTokens(site, client, account.username, { scope: 'openid' });
  const expired = await obtainTokens(site, client, account.username, { scope: 'user:read' });
  await site.orm.em
    .fork()
    .execute(
      `update oidc_artifact set payload = payload || '{"exp": 1}' where model = 'AccessToken' and account_id = ?`,
      [account.id],
    );
  for (const token of ['x', 'ä', 'a b', '\u0000', 'x'.repeat(10_000), expired.access_token, idToken])
    expect(await introspect(site, client, token), String(token).slice(0, 20)).toMatchObject({
      status: 200,
      body: { active: false },
    });
});

test('tokens are stored as hashes only', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  const rows = await site.orm.em.fork().find(OidcArtifactEntity, {});
  const stored = JSON.stringify(rows);
  for (const secret of [tokens.access_token, tokens.refresh_token]) expect(stored).not.toContain(secret);
  expect(rows.map(({ model }) => model)).toEqual(
    expect.arrayContaining(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'Grant']),
  );
});
