import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import {
  authorize,
  authorizePath,
  basic,
  bearer,
  exchange,
  get,
  inBody,
  introspect,
  obtainTokens,
  post,
} from '../integration/oauth/clients.js';
import { startProviderSite, testPassword } from '../support/provider-site.js';
import { requestAs } from '../support/request-as.js';
import { pullLever, type SandboxRequest } from '../support/sandbox-levers.js';

/** What an LMS, and whoever moves here from another front of one, relies on; the numbers are those of the checklist of features. */
const site = await startProviderSite({ sandbox: 'demo', env: { PORTICO_ALLOWED_HOSTS: 'portico:8053' } });
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());

const lmsCallback = 'http://client.localhost:9000/auth/complete/ol-oauth2/';
const lms = await site.aClient({
  name: 'edx-oauth-app',
  redirectUris: [lmsCallback],
  scopes: ['user:read'],
  skipConsent: true,
  requirePkce: false,
  allowRedirectState: true,
});
const lmsPath = (parameters: Record<string, string | undefined> = {}) =>
  authorizePath(lms.clientId, { redirect_uri: lmsCallback, ...parameters });
const redeem = (code: string, more: Record<string, string> = {}) =>
  exchange(site, lms, code, { redirect_uri: lmsCallback, ...more });
const me = (token: unknown) => get(`${site.url}/api/users/me`, bearer(token));
const refresh = (token: unknown) =>
  post(`${site.url}/oauth2/token/`, { grant_type: 'refresh_token', refresh_token: String(token), ...inBody(lms) });
const revoke = (token: unknown) => post(`${site.url}/oauth2/revoke_token/`, { token: String(token), ...inBody(lms) });
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

/** Signs somebody in at the LMS, in a browser of their own. */
async function signOn(parameters: Record<string, string | undefined> = {}) {
  const account = await site.anAccount();
  const browser = site.newBrowser();
  const answer = await authorize(browser, lmsPath(parameters), account.username);
  return { account, browser, answer, code: answer.get('code') ?? '' };
}

async function tokensOf(parameters: Record<string, string | undefined> = {}) {
  const signedOn = await signOn(parameters);
  const { status, body } = await redeem(signedOn.code);
  expect(status).toBe(200);
  return { ...signedOn, tokens: body };
}

/** Signs in on the page, without any client. */
async function signIn(identifier: string) {
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier, password: testPassword });
  return browser;
}

const isSignedIn = async (browser: ReturnType<typeof site.newBrowser>) =>
  (await browser.visit('/account')).status === 200;

describe('authorize', () => {
  test('1: somebody who is not signed in gets the sign-in page, which leads back', async () => {
    const answer = await get(site.url + lmsPath());
    expect([302, 303]).toContain(answer.status);
    expect(answer.headers.get('location')).toMatch(/\/login\//);
  });

  test('2: somebody who is signed in is sent back at once, with a code and the same state', async () => {
    const { browser } = await signOn();
    const page = await browser.visit(lmsPath({ state: 'another state' }));
    const back = new URL(page.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(lmsCallback);
    expect(back.searchParams.get('code')).toBeTruthy();
    expect(back.searchParams.get('state')).toBe('another state');
  });

  test('3: the redirect_state of the LMS is borne with, and comes back', async () => {
    const { answer } = await signOn({ redirect_uri: `${lmsCallback}?redirect_state=x` });
    expect(answer.get('redirect_state')).toBe('x');
    expect(answer.get('code')).toBeTruthy();
  });

  test('4: another scheme, host or path than the registered one is refused without a redirect', async () => {
    const foreign = [
      'http://evil.example/auth/complete/ol-oauth2/',
      'http://client.localhost:9000/auth/complete/',
      'https://client.localhost:9000/auth/complete/ol-oauth2/',
    ];
    for (const redirectUri of foreign) {
      const answer = await get(site.url + lmsPath({ redirect_uri: redirectUri }));
      expect(answer.status, redirectUri).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
    }
  });
});

describe('a code', () => {
  test('5: is good for tokens, with the secret in the body', async () => {
    const { tokens } = await tokensOf();
    expect(tokens).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      expires_in: expect.any(Number),
      token_type: 'Bearer',
      scope: 'user:read',
    });
  });

  test('6: or with the secret by Basic; a wrong one is told as invalid_client, in a challenge when it came by Basic', async () => {
    const { code } = await signOn();
    const form = { grant_type: 'authorization_code', code, redirect_uri: lmsCallback };
    const ask = (headers: Record<string, string>, body = {}) =>
      post(`${site.url}/oauth2/token/`, { ...form, ...body }, headers);
    const impostor = { ...lms, secret: 'wrong' };
    const byBasic = await ask(basic(impostor));
    expect(byBasic).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(byBasic.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await ask({}, inBody(impostor))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await ask(basic(lms))).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), refresh_token: expect.any(String), scope: 'user:read' },
    });
  });

  test('7: is good once, and for a minute', async () => {
    const { code } = await signOn();
    expect((await redeem(code)).status).toBe(200);
    expect(await redeem(code)).toMatchObject(invalidGrant);
    const late = await signOn();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 62_000 });
    expect(await redeem(late.code)).toMatchObject(invalidGrant);
  });

  test('8: is refused with another redirect URI than it was asked for with', async () => {
    const { code } = await signOn({ redirect_uri: `${lmsCallback}?redirect_state=x` });
    expect(await redeem(code)).toMatchObject(invalidGrant);
  });

  test('9: needs no PKCE from the LMS; a challenge that was sent is checked', async () => {
    expect((await redeem((await signOn()).code)).status).toBe(200);
    const challenged = await signOn({ code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' });
    expect(await redeem(challenged.code, { code_verifier: 'v'.repeat(43) })).toMatchObject(invalidGrant);
  });
});

describe('a token', () => {
  test('10: is refreshed; a refresh token that nobody’s secret protects is replaced by that, and the old one is refused', async () => {
    const { username } = await site.anAccount();
    const open = await site.aClient({ type: 'PUBLIC' });
    const form = { grant_type: 'refresh_token', client_id: open.clientId };
    const first = await obtainTokens(site, { ...open, secret: '' }, username, { scope: 'user:read' });
    const use = (token: unknown) => post(`${site.url}/oauth2/token/`, { ...form, refresh_token: String(token) });
    const { status, body } = await use(first.refresh_token);
    expect(status).toBe(200);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    expect((await me(body.access_token)).status).toBe(200);
    expect(await use(first.refresh_token)).toMatchObject(invalidGrant);
    const { tokens } = await tokensOf();
    expect((await refresh(tokens.refresh_token)).body.access_token).not.toBe(tokens.access_token);
  });

  test('11: is revoked, and opens nothing then; one that does not exist gets the same answer', async () => {
    const { tokens } = await tokensOf();
    expect((await revoke(tokens.access_token)).status).toBe(200);
    expect((await me(tokens.access_token)).status).toBe(401);
    expect((await revoke('no-such-token')).status).toBe(200);
  });

  test('12: is introspected by clients that prove who they are', async () => {
    const { tokens, account } = await tokensOf();
    expect((await introspect(site, lms, tokens.access_token)).body).toMatchObject({
      active: true,
      scope: 'user:read',
      exp: expect.any(Number),
      client_id: lms.clientId,
      username: account.username,
    });
    expect((await introspect(site, lms, 'no-such-token')).body).toEqual({ active: false });
    const strangers = [{}, basic({ ...lms, secret: 'wrong' })].map((headers) =>
      post(`${site.url}/oauth2/introspect/`, { token: String(tokens.access_token) }, headers),
    );
    for (const { status, body } of await Promise.all(strangers)) {
      expect(status).toBeOneOf([400, 401]);
      expect(body).not.toHaveProperty('active');
    }
  });

  test('13: has user:read when no scope was asked for; an unknown scope is told as invalid_scope', async () => {
    expect((await tokensOf({ scope: undefined })).tokens.scope).toBe('user:read');
    const answer = await authorize(site.newBrowser(), lmsPath({ scope: 'no-such-scope' }), 'nobody');
    expect(answer.get('error')).toBe('invalid_scope');
  });

  test('14: has no scope that its client is not registered for', async () => {
    const answer = await authorize(site.newBrowser(), lmsPath({ scope: 'user:read learning:read' }), 'nobody');
    expect(answer.get('error')).toBe('invalid_scope');
    expect(answer.get('code')).toBeNull();
  });
});

test('15: the discovery document lists every endpoint, as whoever asks reaches it, and the keys are there', async () => {
  const { body } = await get(`${site.url}/.well-known/openid-configuration`);
  for (const name of ['authorization', 'token', 'userinfo', 'revocation', 'introspection'])
    expect(body[`${name}_endpoint`], name).toMatch(/^http/);
  expect(body.issuer).toMatch(/^http/);
  const keys = await get(site.url + new URL(String(body.jwks_uri)).pathname);
  expect(keys).toMatchObject({ status: 200, body: { keys: expect.arrayContaining([expect.any(Object)]) } });

  const ask = async (host: string) => {
    const headers = { host, 'x-portico-asked-origin': 'https://evil.example' };
    const answer = await requestAs(site.url, '/.well-known/openid-configuration', headers);
    return { ...answer, body: JSON.parse(answer.text) };
  };
  const inside = await ask('Portico:8053');
  expect(inside.headers.vary).toContain('Host');
  const { authorization_endpoint, end_session_endpoint, issuer } = body;
  expect(inside.body).toMatchObject({ issuer, authorization_endpoint, end_session_endpoint });
  for (const name of [
    'token_endpoint',
    'userinfo_endpoint',
    'introspection_endpoint',
    'revocation_endpoint',
    'jwks_uri',
  ])
    expect(inside.body[name], name).toBe(String(body[name]).replace(site.url, 'http://portico:8053'));
  expect((await ask(new URL(site.url).host)).body).toEqual(body);
  expect((await requestAs(site.url, '/oauth2/token/', { host: 'elsewhere:8053' })).status).toBe(421);
  const wrong = { client_id: lms.clientId, client_secret: 'wrong', grant_type: 'refresh_token', refresh_token: 'x' };
  const there = await requestAs(site.url, '/oauth2/token/', { host: 'portico:8053' }, new URLSearchParams(wrong));
  expect(there).toMatchObject({ status: 401, text: expect.stringContaining('invalid_client') });
});

const keysOf = (value: unknown) => Object.keys(value ?? {}).sort();
/** Those of MITx Online, all of them and no others. */
const userKeys =
  `b2b_organizations compliance_missing_fields created_on email global_id grants id is_active is_anonymous
  is_authenticated is_editor is_staff is_superuser legal_address name updated_on user_profile username`.split(/\s+/);
const addressKeys = 'city country first_name last_name postal_code state street_address_1 street_address_2'.split(' ');
const profileKeys = `addl_field_flag company company_size gender highest_education industry job_function job_title
  leadership_level type_is_educator type_is_other type_is_professional type_is_student year_of_birth years_experience`.split(
  /\s+/,
);

describe('the details of a person', () => {
  test('16: are the LMS’s for its token, under the username that its account has', async () => {
    const { tokens, account } = await tokensOf();
    const { username, email, name } = account;
    const answer = await me(tokens.access_token);
    expect(answer).toMatchObject({
      status: 200,
      body: { username, email, name, is_anonymous: false, is_authenticated: true },
    });
    expect(keysOf(answer.body)).toEqual(userKeys);
    expect(keysOf(answer.body.legal_address)).toEqual(addressKeys);
    expect(keysOf(answer.body.user_profile)).toEqual(profileKeys);
  });

  test('17: are nobody’s without a token or with a bad one', async () => {
    expect((await get(`${site.url}/api/users/me`)).status).toBe(401);
    expect((await me('no-such-token')).status).toBe(401);
  });

  test('18: by the name of MITx Online are a conflict while the person has no account in the LMS', async () => {
    const { tokens, account } = await tokensOf();
    await site.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: account.id }, { state: 'NOT_LINKED' });
    expect(await get(`${site.url}/api/v0/userinfo/`, bearer(tokens.access_token))).toMatchObject({
      status: 409,
      body: { error: 'User has no edx_username.' },
    });
  });

  test('19: are not opened by a token that lacks the scope', async () => {
    const { id: ownerId } = await site.anAccount();
    const service = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId, scopes: ['email'] });
    const form = { grant_type: 'client_credentials', scope: 'email', ...inBody(service) };
    const { body } = await post(`${site.url}/oauth2/token/`, form);
    expect(body.access_token).toBeTypeOf('string');
    expect((await me(body.access_token)).status).toBe(403);
  });
});

describe('what the LMS calls', () => {
  test('28: take the code that the LMS gives us, and show nothing', async () => {
    for (const path of ['/login/_private/complete', '/_/auth/complete'])
      expect(await get(`${site.url}${path}?code=x`)).toMatchObject({ status: 200, body: { text: '' } });
  });
});

describe('signing out', () => {
  test('29: by GET or POST ends the session and goes on at the LMS, which leads back', async () => {
    for (const method of ['GET', 'POST']) {
      const browser = await signIn((await site.anAccount()).username);
      const page = await browser.visit('/logout', { method });
      expect(page.status, method).toBe(302);
      const onward = new URL(page.headers.get('location') ?? '');
      expect(onward.searchParams.get('redirect_url')).toBe(site.config.http.publicUrl);
      expect(await isSignedIn(browser)).toBe(false);
      expect(browser.cookieHeader('/account')).not.toContain('portico_session=');
    }
  });

  test('30: in a frame of the LMS answers 200 and ends the session', async () => {
    const browser = await signIn((await site.anAccount()).username);
    const page = await browser.visit('/logout?no_redirect=1');
    expect(page.status).toBe(200);
    const frames = `frame-ancestors 'self' ${new URL(site.config.lms.browserUrl).origin}`;
    expect(page.headers.get('content-security-policy')).toContain(frames);
    expect(page.headers.get('x-frame-options')).toBeNull();
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('31: goes to no place that the address names', async () => {
    const foreign = encodeURIComponent('https://evil.example/');
    const answer = await get(`${site.url}/logout?next=${foreign}&redirect_url=${foreign}`);
    expect(answer.headers.get('location')).not.toContain('evil.example');
  });
});

test('100: fifty people sign in at the LMS at the same time; twenty calls in the name of one of them refresh their token once', async () => {
  const people = await Promise.all(Array.from({ length: 50 }, () => tokensOf()));
  const names = people.map(async ({ tokens }) => (await me(tokens.access_token)).body.username);
  expect(await Promise.all(names)).toEqual(people.map(({ account }) => account.username));

  const { edxLinks, edxApiTokens } = site.services;
  const { sandbox } = site.gateway;
  const learner = await site.anAccount();
  await edxLinks.create(learner.id);
  const old = await edxApiTokens.getValidToken(learner.id);
  await site.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: learner.id }, { apiTokenExpiresAt: new Date() });
  await pullLever(sandbox.lmsUrl, 'DELETE', 'requests');
  const call = async () => {
    const token = await edxApiTokens.getValidToken(learner.id);
    const answer = await fetch(`${sandbox.lmsUrl}/api/mobile/v0.5/my_user_info`, { headers: bearer(token) });
    return { token, status: answer.status };
  };
  const calls = await Promise.all(Array.from({ length: 20 }, call));
  expect(calls.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(new Set(calls.map(({ token }) => token)).size).toBe(1);
  expect(calls[0]?.token).not.toBe(old);
  const received = (await pullLever(sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
  expect(
    received.filter(({ method, path }) => method === 'POST' && path.startsWith('/oauth2/access_token')),
  ).toHaveLength(1);
});
