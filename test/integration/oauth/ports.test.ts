import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { authorizePath, bearer, exchange, get, introspect } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());

const lms = { clientId: 'lms', secret: 'the-secret-of-the-lms' };
await site.clients.ensure(
  {
    ...lms,
    name: 'edx-oauth-app',
    type: 'CONFIDENTIAL',
    grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    redirectUris: [callbackUrl],
    scopes: ['user:read'],
    skipConsent: true,
    requirePkce: false,
    allowRedirectState: true,
  },
  { accountId: null },
);

describe('a registration token', () => {
  test('lets the LMS read the person, until it is revoked', async () => {
    const account = await site.anAccount();
    const { token, revoke } = await site.oauth.registrationTokens.mint(account.id);
    const me = await get(`${site.url}/api/users/me`, bearer(token));
    expect(me).toMatchObject({
      status: 200,
      body: { username: account.username, email: account.email, name: account.name },
    });
    expect((await introspect(site, lms, token)).body).toMatchObject({
      active: true,
      client_id: 'lms',
      scope: 'user:read',
    });
    await revoke();
    expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(401);
    await revoke();
  });

  test('lives for minutes', async () => {
    const account = await site.anAccount();
    const { token } = await site.oauth.registrationTokens.mint(account.id);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (site.config.lms.registrationTokenSeconds + 20) * 1000 });
    expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(401);
  });

  test('opens nothing but the person’s details', async () => {
    const account = await site.anAccount();
    const { token } = await site.oauth.registrationTokens.mint(account.id);
    expect((await get(`${site.url}/oauth2/userinfo`, bearer(token))).body).toEqual({
      sub: account.id,
      username: account.username,
      email: account.email,
      name: account.name,
    });
    expect(await site.oauth.authenticateToken(token, 'bearer')).toMatchObject({
      via: 'token',
      clientId: 'lms',
      scopes: new Set(['user:read']),
    });
  });
});

describe('a headless session', () => {
  const lmsPath = authorizePath('lms', { scope: 'user:read', redirect_uri: `${callbackUrl}?redirect_state=x` });
  const visit = (path: string, cookie: string) => fetch(site.url + path, { headers: { cookie }, redirect: 'manual' });

  test('takes the LMS through authorize without a page, and is gone when closed', async () => {
    const account = await site.anAccount();
    const session = await site.oauth.headlessSessions.open(account.id);
    const answer = await visit(lmsPath, session.cookieHeader);
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.searchParams.get('redirect_state')).toBe('x');
    const code = location.searchParams.get('code') ?? '';
    const tokens = await exchange(site, lms, code, { redirect_uri: `${callbackUrl}?redirect_state=x` });
    expect((await get(`${site.url}/api/users/me`, bearer(tokens.body.access_token))).body.username).toBe(
      account.username,
    );
    await session.close();
    expect((await visit(lmsPath, session.cookieHeader)).headers.get('location')).toMatch(/^\/login\//);
    expect((await get(`${site.url}/api/users/me`, bearer(tokens.body.access_token))).status).toBe(401);
  });

  test('is good for nothing else: no page, no graph, no other client, not listed, not prolonged', async () => {
    const account = await site.anAccount();
    const session = await site.oauth.headlessSessions.open(account.id);
    const other = await site.aClient({ requirePkce: false, skipConsent: true });
    expect((await visit(authorizePath(other.clientId), session.cookieHeader)).headers.get('location')).toMatch(
      /^\/login\//,
    );
    expect((await get(`${site.url}/api/users/me`, { cookie: session.cookieHeader })).status).toBe(401);
    expect(await site.oauth.signIn.list(account.id)).toEqual([]);
    expect((await visit(lmsPath, session.cookieHeader)).headers.get('location')).toContain('code=');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
    expect((await visit(lmsPath, session.cookieHeader)).headers.get('location')).toMatch(/^\/login\//);
    await session.close();
  });

  test('is not taken from a client that only has the name of the LMS', async () => {
    const namesake = await site.aClient({ name: 'edx-oauth-app', requirePkce: false, skipConsent: true });
    const { id } = await site.anAccount();
    const session = await site.oauth.headlessSessions.open(id);
    const answer = await visit(authorizePath(namesake.clientId), session.cookieHeader);
    expect(answer.headers.get('location')).toMatch(/^\/login\//);
    expect((await visit(lmsPath, session.cookieHeader)).headers.get('location')).toContain('code=');
    await session.close();
  });

  test('cannot be forged', async () => {
    const account = await site.anAccount();
    const { cookieHeader, close } = await site.oauth.headlessSessions.open(account.id);
    const forged = cookieHeader.replace(/sig=.*/, 'sig=AAAAAAAAAAAAAAAAAAAAAAAAAAA');
    expect((await visit(lmsPath, forged)).headers.get('location')).toMatch(/^\/login\//);
    await close();
  });
});

describe('user details', () => {
  test('have exactly the members that MITx Online has', async () => {
    const account = await site.anAccount();
    const { token } = await site.oauth.registrationTokens.mint(account.id);
    const { body } = await get(`${site.url}/api/users/me`, bearer(token));
    expect(Object.keys(body)).toEqual([
      'id',
      'username',
      'email',
      'name',
      'global_id',
      'legal_address',
      'user_profile',
      'is_anonymous',
      'is_authenticated',
      'is_editor',
      'is_staff',
      'is_superuser',
      'grants',
      'is_active',
      'b2b_organizations',
      'compliance_missing_fields',
      'created_on',
      'updated_on',
    ]);
    expect(Object.keys(Object(body.legal_address))).toEqual([
      'country',
      'first_name',
      'last_name',
      'street_address_1',
      'street_address_2',
      'city',
      'state',
      'postal_code',
    ]);
    expect(Object.keys(Object(body.user_profile))).toEqual([
      'gender',
      'year_of_birth',
      'addl_field_flag',
      'company',
      'job_title',
      'industry',
      'job_function',
      'company_size',
      'years_experience',
      'leadership_level',
      'highest_education',
      'type_is_student',
      'type_is_professional',
      'type_is_educator',
      'type_is_other',
    ]);
    expect(body).toMatchObject({ is_authenticated: true, is_anonymous: false, is_active: true, is_staff: false });
  });

  test('by the old name say whether there is an LMS account, also while it is being made', async () => {
    const account = await site.anAccount();
    const { token } = await site.oauth.registrationTokens.mint(account.id);
    const ask = (path: string) => get(site.url + path, bearer(token));
    for (const path of ['/api/v0/userinfo', '/api/v0/userinfo/'])
      expect(await ask(path)).toMatchObject({ status: 200, body: { username: account.username } });
    await site.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: account.id }, { state: 'NOT_LINKED' });
    expect(await ask('/api/v0/userinfo/')).toMatchObject({
      status: 409,
      body: { error: 'User has no edx_username.' },
    });
    expect((await ask('/api/users/me')).status).toBe(200);
    await site.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: account.id }, { state: 'CREATING' });
    expect((await ask('/api/v0/userinfo/')).status).toBe(200);
    expect((await get(`${site.url}/api/v0/userinfo/`)).status).toBe(401);
  });
});
