import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import type { ClientRestriction } from '../../../src/entities/oauth-client.entity.js';
import type { ClientInput } from '../../../src/services/oauth-client/input.js';
import { type ClientCredentials, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorizePath, bearer, exchange, get, inBody, introspect, obtainCode, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const actor = { accountId: null };
const restrict = (
  client: ClientCredentials,
  restriction: Partial<ClientRestriction> & Pick<ClientRestriction, 'mode'>,
) => site.clients.restrict(client.clientId, { organizations: [], providers: [], scopes: [], ...restriction }, actor);
const own = (client: ClientCredentials, form: Record<string, string> = {}) =>
  post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client), ...form });
const me = (token: unknown, scheme = 'Bearer') =>
  get(`${site.url}/api/users/me`, { authorization: `${scheme} ${token}` });

async function aService(input: Partial<ClientInput> = {}) {
  const owner = await site.anAccount();
  const client = await site.aClient({
    grantTypes: ['CLIENT_CREDENTIALS'],
    ownerId: owner.id,
    scopes: ['user:read', 'learning:read', 'tpa:read'],
    ...input,
  });
  return { owner, client };
}

describe('a client for sign-in only', () => {
  test('gets a token that expired long ago, and opens nothing', async () => {
    const { client } = await aService();
    await restrict(client, { mode: 'SSO_ONLY' });
    const { status, body } = await own(client);
    expect(status).toBe(200);
    expect(body).toMatchObject({ access_token: expect.any(String), token_type: 'Bearer' });
    expect(body.expires_in).toBeLessThan(-1_000_000_000);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
    for (const scheme of ['Bearer', 'JWT']) expect((await me(body.access_token, scheme)).status).toBe(401);
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(body.access_token))).status).toBe(401);
  });

  test('gets, as JWT, five minutes of what the person consented to, signed apart and good for none of our endpoints', async () => {
    const account = await site.anAccount({ name: 'Ada Lovelace' });
    const client = await site.aClient({ requirePkce: false, scopes: ['openid', 'email', 'profile', 'user:read'] });
    await restrict(client, { mode: 'SSO_ONLY' });
    const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid email user:read' });
    const { body } = await exchange(site, client, code, { token_type: 'jwt' });
    expect(body).toMatchObject({ token_type: 'JWT', expires_in: 300, scope: 'openid email' });
    const keySet = createRemoteJWKSet(new URL(`${site.url}/oauth2/jwks`));
    const { payload, protectedHeader } = await jwtVerify(String(body.access_token), keySet, { issuer: site.url });
    const plain = await own((await aService()).client, { token_type: 'jwt' });
    expect(protectedHeader.alg).toBe('RS512');
    expect(protectedHeader.kid).not.toBe(decodeProtectedHeader(String(plain.body.access_token)).kid);
    expect(payload).toMatchObject({
      is_restricted: true,
      preferred_username: account.username,
      sub: expect.stringMatching(/^[0-9a-f]{32}$/),
      email: account.email,
      scopes: ['openid', 'email'],
      filters: ['user:me'],
      exp: Number(payload.iat) + 300,
    });
    expect(payload).not.toHaveProperty('name');
    expect(payload).not.toHaveProperty('administrator');
    for (const scheme of ['Bearer', 'JWT']) expect((await me(body.access_token, scheme)).status).toBe(401);
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(body.access_token))).status).toBe(401);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });

  test('gains nothing by its refresh token', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, scopes: ['profile', 'user:read'] });
    await restrict(client, { mode: 'SSO_ONLY' });
    const first = await obtainTokens(site, client, account.username, { scope: 'profile user:read' });
    const refreshed = await post(`${site.url}/oauth2/token/`, {
      grant_type: 'refresh_token',
      refresh_token: String(first.refresh_token),
      ...inBody(client),
    });
    expect(refreshed.body.expires_in).toBeLessThan(0);
    expect((await me(refreshed.body.access_token)).status).toBe(401);
  });

  test('loses what it had before at once, everywhere, and is ordinary again when it is let go', async () => {
    const { client } = await aService();
    await using other = await startProviderSite({ databaseUrl: site.config.database.url });
    const [opaque, jwt] = [await own(client), await own(client, { token_type: 'jwt' })].map(
      ({ body }) => body.access_token,
    );
    await restrict(client, { mode: 'SSO_ONLY' });
    for (const token of [opaque, jwt]) {
      expect((await me(token)).status).toBe(401);
      expect(await other.oauth.authenticateToken(String(token), 'bearer')).toBeUndefined();
    }
    await site.clients.unrestrict(client.clientId, actor);
    await expect.poll(async () => (await own(client)).body.expires_in).toBe(3600);
  });
});

describe('a restricted JWT with scopes', () => {
  test('says its scopes and limits, and is signed with the restricted key', async () => {
    const { client } = await aService();
    await restrict(client, {
      mode: 'SCOPED_JWT',
      organizations: ['DemoU', 'OtherU'],
      providers: ['oa2-ol-oauth2'],
      scopes: ['learning:read', 'tpa:read'],
    });
    await expect.poll(async () => (await own(client, { scope: 'user:read' })).body.error).toBe('invalid_scope');
    const { body } = await own(client, { token_type: 'jwt' });
    expect(body).toMatchObject({ token_type: 'JWT', expires_in: 3600, scope: 'learning:read tpa:read' });
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      is_restricted: true,
      scopes: ['learning:read', 'tpa:read'],
      filters: ['content_org:DemoU', 'content_org:OtherU', 'tpa_provider:oa2-ol-oauth2'],
    });
    expect((await introspect(site, client, body.access_token)).body).toMatchObject({ active: true });
  });

  test('opens an endpoint that enforces its scopes, and only with the scope', async () => {
    const { owner, client } = await aService();
    await restrict(client, { mode: 'SCOPED_JWT', organizations: ['DemoU'] });
    const { body } = await own(client, { token_type: 'jwt', scope: 'user:read' });
    expect(await me(body.access_token, 'JWT')).toMatchObject({ status: 200, body: { username: owner.username } });
    const without = await own(client, { token_type: 'jwt', scope: 'tpa:read' });
    expect(await me(without.body.access_token, 'JWT')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
    expect(await site.oauth.authenticateToken(String(body.access_token), 'jwt')).toMatchObject({
      restriction: { organizations: ['DemoU'], providers: [] },
    });
  });

  test('is refused at userinfo, which knows no limits', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, scopes: ['openid', 'user:read'] });
    await restrict(client, { mode: 'SCOPED_JWT' });
    const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
    const { body } = await exchange(site, client, code, { token_type: 'jwt' });
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(body.access_token))).status).toBe(401);
    expect((await me(body.access_token)).status).toBe(200);
  });

  test('is what the client has to ask for: without, its token has expired', async () => {
    const { client } = await aService();
    await restrict(client, { mode: 'SCOPED_JWT' });
    const { body } = await own(client);
    expect(body.expires_in).toBeLessThan(0);
    expect((await introspect(site, client, body.access_token)).body).toEqual({ active: false });
  });

  test('is revoked as any other', async () => {
    const { client } = await aService();
    await restrict(client, { mode: 'SCOPED_JWT' });
    const { body } = await own(client, { token_type: 'jwt', scope: 'user:read' });
    expect((await me(body.access_token)).status).toBe(200);
    await post(`${site.url}/oauth2/revoke_token/`, { token: String(body.access_token), ...inBody(client) });
    expect((await me(body.access_token)).status).toBe(401);
  });
});

test('the consent page tells what a restricted client may do, and no more', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, scopes: ['profile', 'learning:read', 'learning:write'] });
  await restrict(client, { mode: 'SCOPED_JWT', scopes: ['learning:read'] });
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: account.username, password: testPassword });
  const { text } = await browser.go(authorizePath(client.clientId));
  expect(text).toContain('See your enrollments, grades and certificates');
  expect(text).not.toContain('Enroll you in courses');
});

test.each<[string, Partial<ClientRestriction>, string]>([
  ['a scope that the client has not', { scopes: ['clients:admin'] }, 'scopes'],
  ['an organization with a space', { organizations: ['Demo U'] }, 'organizations'],
  ['more providers than Open edX keeps', { providers: Array.from({ length: 26 }, (_, i) => `p${i}`) }, 'providers'],
])('a restriction is refused for %s', async (_what, restriction, field) => {
  const { client } = await aService();
  await expect(restrict(client, { mode: 'SCOPED_JWT', ...restriction })).rejects.toMatchObject({ field: [field] });
});

describe('whom a restricted client asks for consent', () => {
  /** The page that asks, for a client that is restricted so. */
  async function consentPage(
    restriction: Parameters<typeof restrict>[1] | undefined,
    parameters: Record<string, string>,
    scopes = parameters.scope?.split(' ') ?? [],
  ) {
    const { username } = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, scopes });
    if (restriction) await restrict(client, restriction);
    const browser = site.newBrowser();
    await browser.go(authorizePath(client.clientId, parameters));
    const page = await browser.submit({ identifier: username, password: testPassword });
    expect(page.url).toContain('/consent/');
    return page.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  }
  const everything = 'openid email user:read learning:read learning:write tpa:read';

  test('hears that it only sees the sign-in, and what it is told about them', async () => {
    const text = await consentPage({ mode: 'SSO_ONLY' }, { scope: everything });
    expect(text).toContain('It can only see that you signed in, and as whom. It is told:');
    expect(text).toContain('Your username, and an id that stands for you');
    expect(text).toContain('Your e-mail address');
    expect(text).not.toContain('Your full name');
    expect(text).toContain('It can do nothing in your name.');
    expect(text).not.toMatch(/It would like to|See your enrollments|Enroll you/);
    expect(await consentPage({ mode: 'SSO_ONLY' }, { scope: 'openid profile' })).toContain('Your full name');
  });

  test('hears which actions it may take, of those it asks for, and at which organizations and providers', async () => {
    const restriction = { mode: 'SCOPED_JWT' as const, scopes: ['openid', 'learning:read', 'tpa:read'] };
    const text = await consentPage(
      { ...restriction, organizations: ['DemoU', 'OtherU'], providers: ['oa2-ol-oauth2'] },
      { scope: restriction.scopes.join(' ') },
      everything.split(' '),
    );
    expect(text).toContain('See your enrollments, grades and certificates');
    expect(text).not.toMatch(/Enroll you in courses|See your name, username/);
    expect(text).toContain('It is limited to courses of DemoU and OtherU.');
    expect(text).toContain('Of ways to sign in, it may deal with oa2-ol-oauth2 only.');
    expect(text).toContain('It can do nothing else in your name.');
    expect(await consentPage({ mode: 'SCOPED_JWT' }, { scope: everything })).toContain(
      'It is not limited to courses of certain organizations.',
    );
    const plain = await consentPage(undefined, { scope: everything });
    expect(plain).toContain('Enroll you in courses and change your enrollments');
    expect(plain).not.toMatch(/It is (not )?limited|nothing/);
  });

  test('reads it in their own language', async () => {
    const text = await consentPage({ mode: 'SSO_ONLY' }, { scope: 'openid email', ui_locales: 'es' });
    expect(text).toContain('Solo puede ver que iniciaste sesión y quién eres.');
    expect(text).toContain('No puede hacer nada en tu nombre.');
  });
});
