import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { type ClientCredentials, startProviderSite } from '../../support/provider-site.js';
import { basic, bearer, exchange, get, inBody, introspect, obtainCode, obtainTokens, post } from './clients.js';
import { aProofKey, proven } from './proofs.js';

const site = await startProviderSite({ env: { PORTICO_JWT_AUDIENCE: 'openedx' } });
const second = await startProviderSite({
  databaseUrl: site.config.database.url,
  env: { PORTICO_JWT_AUDIENCE: 'openedx', PORTICO_PUBLIC_URL: site.url },
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
afterEach(() => vi.useRealTimers());

const keySet = createRemoteJWKSet(new URL(`${site.url}/oauth2/jwks`));
const own = (client: ClientCredentials, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  post(`${site.url}/oauth2/access_token/`, { grant_type: 'client_credentials', ...inBody(client), ...form }, headers);
const revoke = (client: ClientCredentials, token: unknown) =>
  post(`${site.url}/oauth2/revoke_token/`, { token: String(token) }, basic(client));
const me = (token: unknown, scheme = 'Bearer', url = site.url) =>
  get(`${url}/api/users/me`, { authorization: `${scheme} ${token}` });

async function aService(scopes = ['user:read', 'learning:read']) {
  const owner = await site.anAccount();
  const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id, scopes });
  return { owner, client };
}

async function aPersonsJwt(scope: string, scopes = ['openid', 'profile', 'email', 'user:read', 'user_id']) {
  const account = await site.anAccount({ name: 'Ada Lovelace' });
  const client = await site.aClient({ requirePkce: false, scopes });
  const code = await obtainCode(site, client.clientId, account.username, { scope });
  const { body } = await exchange(site, client, code, { token_type: 'JWT' });
  return { account, client, body };
}

describe('a token request with token_type=jwt', () => {
  test('is answered as Open edX answers it, with a JWT that others verify by the published keys', async () => {
    const { owner, client } = await aService();
    const { status, body } = await own(client, { token_type: 'jwt', scope: 'user:read learning:read' });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'JWT',
      expires_in: 3600,
      scope: 'user:read learning:read',
    });
    const { payload, protectedHeader } = await jwtVerify(String(body.access_token), keySet, {
      issuer: site.url,
      audience: 'openedx',
      typ: 'JWT',
    });
    expect(protectedHeader).toEqual({ alg: 'RS512', typ: 'JWT', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: site.url,
      aud: 'openedx',
      sub: expect.stringMatching(/^[0-9a-f]{32}$/),
      iat: expect.any(Number),
      exp: Number(payload.iat) + 3600,
      jti: expect.any(String),
      version: '1.2.0',
      grant_type: 'client-credentials',
      preferred_username: owner.username,
      email_verified: true,
      scopes: ['user:read', 'learning:read'],
      filters: [],
      is_restricted: false,
    });
  });

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['the field in any case', { token_type: 'Jwt' }, {}, 'JWT'],
    ['the header', {}, { 'x-token-type': 'jwt' }, 'JWT'],
    ['the field, when the header says otherwise', { token_type: 'bearer' }, { 'x-token-type': 'jwt' }, 'Bearer'],
    ['neither', {}, {}, 'Bearer'],
  ])('goes by %s', async (_what, form, headers, type) => {
    const { client } = await aService();
    expect((await own(client, form, headers)).body.token_type).toBe(type);
  });

  test('is what a client asks for that is set up for JWTs, unless it says otherwise', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], tokenFormat: 'JWT' });
    expect((await own(client)).body.token_type).toBe('JWT');
    expect((await own(client, { token_type: 'bearer' })).body.token_type).toBe('Bearer');
  });

  test('refused for its scope is refused as ever', async () => {
    const { client } = await aService();
    for (const scope of ['no-such-scope', 'clients:admin'])
      expect(await own(client, { token_type: 'jwt', scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
  });
});

describe('the claims of a person', () => {
  test('are those of the scopes, with filters for the person alone', async () => {
    const { account, body } = await aPersonsJwt('user:read');
    const claims = decodeJwt(String(body.access_token));
    expect(claims).toMatchObject({
      grant_type: 'authorization-code',
      preferred_username: account.username,
      scopes: ['user:read'],
      filters: ['user:me'],
    });
    for (const name of ['email', 'name', 'given_name', 'family_name', 'administrator', 'superuser', 'user_id'])
      expect(claims).not.toHaveProperty(name);
  });

  test('with email, profile and user_id tell the address, the name, staff rights and the number in the LMS', async () => {
    const account = await site.anAccount({ name: 'Ada Lovelace' });
    const em = site.orm.em.fork();
    await em.nativeUpdate(AccountEntity, { id: account.id }, { roles: ['STAFF'], emailVerifiedAt: new Date() });
    await em.nativeUpdate(EdxLinkEntity, { accountId: account.id }, { state: 'LINKED', edxUserId: 4711 });
    const scopes = ['email', 'profile', 'user_id'];
    const client = await site.aClient({ requirePkce: false, scopes });
    const code = await obtainCode(site, client.clientId, account.username, { scope: scopes.join(' ') });
    const { body } = await exchange(site, client, code, { token_type: 'jwt' });
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      email: account.email,
      email_verified: true,
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      administrator: true,
      superuser: false,
      user_id: 4711,
    });
  });

  test('name a person by one anonymous id, whatever the client and the process', async () => {
    await using other = await startProviderSite({ databaseUrl: site.config.database.url });
    const account = await site.anAccount();
    const subs = await Promise.all(
      [site, site, other, other].map(async (it) => {
        const client = await it.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: account.id });
        const form = { grant_type: 'client_credentials', token_type: 'jwt', ...inBody(client) };
        return decodeJwt(String((await post(`${it.url}/oauth2/token/`, form)).body.access_token)).sub;
      }),
    );
    expect(subs[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(subs).size).toBe(1);
  });

  test('of a client that acts for nobody name the client', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
    const claims = decodeJwt(String((await own(client, { token_type: 'jwt' })).body.access_token));
    expect(claims.sub).toBe(client.clientId);
    expect(claims).not.toHaveProperty('preferred_username');
  });

  test('come with a refresh token, which gives JWTs when asked to', async () => {
    const { client, body } = await aPersonsJwt('user:read email');
    expect(body).toMatchObject({ token_type: 'JWT', scope: 'user:read email', refresh_token: expect.any(String) });
    const refresh = (form: Record<string, string>) =>
      post(`${site.url}/oauth2/token/`, {
        grant_type: 'refresh_token',
        refresh_token: String(body.refresh_token),
        ...inBody(client),
        ...form,
      });
    const again = await refresh({ token_type: 'jwt' });
    expect(again.body.token_type).toBe('JWT');
    expect(decodeJwt(String(again.body.access_token)).grant_type).toBe('authorization-code');
    expect((await refresh({})).body.token_type).toBe('Bearer');
  });
});

describe('a JWT of ours', () => {
  test.each(['JWT', 'Bearer', 'jwt'])('opens our APIs with the scheme word %s', async (scheme) => {
    const { owner, client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    expect(await me(body.access_token, scheme)).toMatchObject({ status: 200, body: { username: owner.username } });
  });

  test('opens userinfo as the token behind it would', async () => {
    const { account, body } = await aPersonsJwt('openid email');
    const info = await get(`${site.url}/oauth2/userinfo/`, bearer(body.access_token));
    expect(info).toMatchObject({ status: 200, body: { sub: account.id, email: account.email } });
  });

  test('opens only what its scopes open', async () => {
    const { body } = await aPersonsJwt('email');
    expect(await me(body.access_token)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  });

  test('ends with the account', async () => {
    const { owner, client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    await site.orm.em.fork().nativeUpdate(AccountEntity, { id: owner.id }, { status: 'BLOCKED' });
    await site.changes.everyoneHeard();
    expect((await me(body.access_token)).status).toBe(401);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });

  test('never outlives the token behind it', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_620_000 });
    expect((await me(body.access_token)).status).toBe(401);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });

  test('does not show the stored token', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    const { jti } = decodeJwt(String(body.access_token));
    for (const guess of [jti, `${jti}.`, `${jti}.x`, `${jti}.${jti}`])
      expect((await me(guess)).status, String(guess)).toBe(401);
  });
});

test('a JWT that was asked for with a proof is bound to its key (RFC 9449), and opens nothing without', async () => {
  const { owner, client } = await aService();
  const key = await aProofKey();
  const tokenUrl = `${site.url}/oauth2/token`;
  const form = { grant_type: 'client_credentials', token_type: 'jwt', ...inBody(client) };
  const { body } = await post(tokenUrl, form, await proven(key, tokenUrl, { htm: 'POST' }));
  expect(body.token_type).toBe('DPoP');
  expect(decodeJwt(String(body.access_token)).cnf).toEqual({ jkt: expect.any(String) });
  const meUrl = `${site.url}/api/users/me`;
  for (const scheme of ['JWT', 'Bearer']) expect((await me(body.access_token, scheme)).status).toBe(401);
  const answer = await get(meUrl, await proven(key, meUrl, { token: body.access_token }));
  expect(answer).toMatchObject({ status: 200, body: { username: owner.username } });
});

describe('introspection of a JWT (RFC 7662)', () => {
  test('tells its client what it is', async () => {
    const { owner, client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    const { sub, iat, exp } = decodeJwt(String(body.access_token));
    expect(await introspect(site, client, body.access_token)).toMatchObject({
      status: 200,
      body: {
        active: true,
        iss: site.url,
        aud: 'openedx',
        ...{ sub, iat, exp },
        client_id: client.clientId,
        scope: 'user:read learning:read',
        username: owner.username,
        token_type: 'JWT',
      },
    });
  });

  test('tells others nothing, but for a resource server of its audience', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    expect((await introspect(site, await site.aClient(), body.access_token)).body).toEqual({ active: false });
    const server = await site.aClient({ metadata: { introspect_audiences: ['openedx'] } });
    expect((await introspect(site, server, body.access_token)).body.active).toBe(true);
  });
});

describe('revocation of a JWT (RFC 7009)', () => {
  test('ends it at once, in all processes', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    expect(await second.oauth.authenticateToken(String(body.access_token), 'jwt')).toBeDefined();
    const answer = await revoke(client, body.access_token);
    expect([answer.status, answer.body.text]).toEqual([200, '']);
    expect(await second.oauth.authenticateToken(String(body.access_token), 'jwt')).toBeUndefined();
    expect((await me(body.access_token)).status).toBe(401);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });

  test('of a person takes the refresh token along, and revoking that one ends the JWT', async () => {
    const first = await aPersonsJwt('user:read');
    await revoke(first.client, first.body.access_token);
    expect((await introspect(site, first.client, first.body.refresh_token)).body).toEqual({ active: false });
    const other = await aPersonsJwt('user:read');
    await revoke(other.client, other.body.refresh_token);
    expect((await me(other.body.access_token)).status).toBe(401);
  });

  test('by another client does nothing, in silence', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    expect((await revoke(await site.aClient(), body.access_token)).status).toBe(200);
    expect((await me(body.access_token)).status).toBe(200);
  });

  test('is in the audit, once', async () => {
    const { client } = await aService();
    const { body } = await own(client, { token_type: 'jwt' });
    await revoke(client, body.access_token);
    const acts = await site.orm.em
      .fork()
      .execute('select action, outcome from audit_event where client_id = ? order by id', [client.clientId]);
    expect(acts).toEqual([
      { action: 'token.issued', outcome: 'success' },
      { action: 'token.revoked', outcome: 'success' },
    ]);
  });
});

test('an ID token is no access token, though it is a JWT of ours', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const { id_token: idToken } = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  expect(decodeProtectedHeader(String(idToken)).alg).toBe('RS256');
  for (const scheme of ['JWT', 'Bearer']) expect((await me(idToken, scheme)).status).toBe(401);
  expect((await introspect(site, client, idToken)).body).toEqual({ active: false });
});
