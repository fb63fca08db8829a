/**
 * OpenID certification, plan "basic". Proved elsewhere: redirect URIs (D1 to D3 of part D), codes (D8 to D12), `iss` (D13), `state`
 * (D14), caching (D18), refresh tokens of others (D27), and new sign-ins by `prompt=login` and `max_age` in sessions.test.ts.
 */
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser } from '../../../support/browser.js';
import {
  type ClientCredentials,
  callbackUrl,
  startProviderSite,
  testPassword,
} from '../../../support/provider-site.js';
import { authorize, authorizePath, bearer, exchange, get, post } from '../clients.js';
import { aSuiteClient, signIn } from './relying-party.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const userinfo = `${site.url}/oauth2/userinfo`;

let client: ClientCredentials;
let username: string;
let browser: Browser;
beforeAll(async () => {
  client = await aSuiteClient(site);
  ({ username } = await site.anAccount());
});
beforeEach(() => {
  browser = site.newBrowser();
});

/** What comes back without a page being shown. */
async function silently(parameters: Record<string, string | undefined>): Promise<URLSearchParams> {
  const path = authorizePath(client.clientId, { scope: 'openid', ...parameters });
  const { url } = await browser.go(path);
  expect(url).toContain(callbackUrl);
  return new URL(url).searchParams;
}

const asClaims = (claims: object) => JSON.stringify(claims);

test.each<[string, Record<string, string>]>([
  ['parameters that nobody knows', { extra: 'foobar' }],
  ['display=page', { display: 'page' }],
  ['display=popup', { display: 'popup' }],
  ['ui_locales=se', { ui_locales: 'se' }],
  ['claims_locales=se', { claims_locales: 'se' }],
  ['acr_values of other providers', { acr_values: '1 2' }],
])('a request with %s succeeds', async (_what, parameters) => {
  const { claims } = await signIn(site, client, browser, username, parameters);
  expect(claims.sub).toBeTruthy();
});

test('login_hint fills in the form, and does not keep another person from signing in', async () => {
  const path = authorizePath(client.clientId, { scope: 'openid', login_hint: 'buffy@portico.example' });
  const page = await browser.go(path);
  expect(page.text).toContain('buffy@portico.example');
  expect((await authorize(browser, path, username, { firstVisit: page })).get('code')).toBeTruthy();
});

test('prompt=none with a session shows no page, also not for consent, and tells the same person and time', async () => {
  const first = await signIn(site, client, browser, username, { max_age: '10000' });
  const answer = await silently({ prompt: 'none', max_age: '10000', id_token_hint: first.idToken });
  const { body } = await exchange(site, client, answer.get('code') ?? '');
  const { sub, auth_time } = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
  expect({ sub, auth_time }).toEqual({ sub: first.claims.sub, auth_time: first.claims.auth_time });
});

test('an id_token_hint of somebody else ends prompt=none in login_required', async () => {
  const other = await signIn(site, client, site.newBrowser(), (await site.anAccount()).username);
  await signIn(site, client, browser, username);
  expect((await silently({ prompt: 'none', id_token_hint: other.idToken })).get('error')).toBe('login_required');
});

test('acr_values that are offered come back as acr', async () => {
  const { claims } = await signIn(site, client, browser, username, { acr_values: 'aal1 aal2' });
  expect(claims.acr).toBe('aal1');
});

test.each([
  ['a second factor of somebody who has none', { values: ['aal2'] }],
  ['a level that does not exist', { value: 'urn:other:level' }],
])('an essential acr that cannot be reached is told as such: %s', async (_what, wanted) => {
  const request = asClaims({ id_token: { acr: { essential: true, ...wanted } } });
  const answer = await authorize(
    browser,
    authorizePath(client.clientId, { scope: 'openid', claims: request }),
    username,
  );
  expect(answer.get('error')).toBe('unmet_authentication_requirements');
});

test('an essential acr that is reached is in the ID token', async () => {
  const request = asClaims({ id_token: { acr: { essential: true, values: ['aal1', 'aal2'] } } });
  expect((await signIn(site, client, browser, username, { claims: request })).claims.acr).toBe('aal1');
});

test('a request without response_type is refused', async () => {
  const { url } = await browser.go(authorizePath(client.clientId, { response_type: undefined }));
  expect(new URL(url).searchParams.get('error')).toBeOneOf(['invalid_request', 'unsupported_response_type']);
});

test('a request object is refused as not supported, and so is one by reference', async () => {
  expect((await silently({ request: 'eyJhbGciOiJub25lIn0.e30.' })).get('error')).toBe('request_not_supported');
  const byReference = await silently({ request_uri: 'https://client.example/request' });
  expect(byReference.get('error')).toBe('request_uri_not_supported');
});

test('descriptions of errors are printable ASCII', async () => {
  const answer = await silently({ prompt: 'none' });
  expect(answer.get('error_description')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expect([...answer.keys()].sort()).toEqual(['error', 'error_description', 'iss', 'state']);
});

test('an essential name that is asked for alone comes from userinfo, and is asked of the person once', async () => {
  const request = asClaims({ userinfo: { name: { essential: true } } });
  const { tokens } = await signIn(site, client, browser, username, { claims: request });
  expect((await get(userinfo, bearer(tokens.access_token))).body).toMatchObject({ name: 'Alice Liddell' });
  expect((await silently({ prompt: 'none', claims: request })).get('code')).toBeTruthy();
});

test('a single claim is asked of the person in the words of its scope, and not given without', async () => {
  await signIn(site, client, browser, (await site.anAccount()).username);
  const request = asClaims({ userinfo: { email: null }, id_token: { email: null } });
  expect((await silently({ prompt: 'none', claims: request })).get('error')).toBe('consent_required');
  const page = await browser.go(authorizePath(client.clientId, { scope: 'openid', claims: request }));
  expect(page.url).toContain('/consent/');
  expect(page.text).toMatch(/e-?mail/i);
  const { url } = await browser.submit({ decision: 'allow' });
  const { body } = await exchange(site, client, new URL(url).searchParams.get('code') ?? '');
  const { body: person } = await get(userinfo, bearer(body.access_token));
  expect(person).toEqual({ sub: expect.any(String), email: expect.stringContaining('@example.org') });
});

test('a claim of a scope that the client is not registered for is not given, and nobody is asked for it', async () => {
  const narrow = await aSuiteClient(site, { scopes: ['openid'], skipConsent: true });
  const request = asClaims({ userinfo: { email: { essential: true } }, id_token: { email: { essential: true } } });
  const { tokens, claims } = await signIn(site, narrow, browser, username, { claims: request });
  expect(claims).not.toHaveProperty('email');
  expect((await get(userinfo, bearer(tokens.access_token))).body).not.toHaveProperty('email');
});

test('the ID token is signed by RS256 with a key that is named, and holds nothing but what the protocol defines', async () => {
  const { idToken, claims } = await signIn(site, client, browser, username, {
    nonce: 'a-nonce',
    scope: 'openid profile',
  });
  expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
  expect(claims.nonce).toBe('a-nonce');
  const defined = 'iss sub aud exp iat auth_time nonce acr amr azp at_hash c_hash nbf jti sid s_hash txn'.split(' ');
  expect(Object.keys(claims).filter((name) => !defined.includes(name))).toEqual([]);
});

test('the token answer is JSON with a Bearer token and its lifetime', async () => {
  const { tokens } = await signIn(site, client, browser, username);
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) });
});

test('a code has at least 128 bits', async () => {
  const answer = await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), username);
  expect(Buffer.from(answer.get('code') ?? '', 'base64url').length).toBeGreaterThanOrEqual(16);
});

test('offline_access with prompt=consent gives a refresh token, whose ID token names the same issuer and person', async () => {
  const { tokens, claims } = await signIn(site, client, browser, username, {
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  expect(String(tokens.refresh_token).length).toBeGreaterThanOrEqual(22);
  const { body } = await post(`${site.url}/oauth2/token`, {
    grant_type: 'refresh_token',
    refresh_token: String(tokens.refresh_token),
    client_id: client.clientId,
    client_secret: client.secret,
  });
  const renewed = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
  expect({ iss: renewed.iss, sub: renewed.sub, azp: renewed.azp }).toEqual({ iss: claims.iss, sub: claims.sub });
});

test('userinfo answers GET, and POST with the token in header or body, with the subject of the ID token', async () => {
  const { tokens, claims } = await signIn(site, client, browser, username, { scope: 'openid email' });
  const answers = [
    await get(userinfo, bearer(tokens.access_token)),
    await post(userinfo, {}, bearer(tokens.access_token)),
    await post(userinfo, { access_token: String(tokens.access_token) }),
  ];
  for (const { status, headers, body } of answers) {
    expect({ status, sub: body.sub, email_verified: body.email_verified }).toEqual({
      status: 200,
      sub: claims.sub,
      email_verified: true,
    });
    expect(headers.get('content-type')).toContain('application/json');
  }
});

test('two sign-ins a second from one address, with a wrong client now and then, lock nobody out', async () => {
  for (let round = 0; round < 12; round++) {
    await signIn(site, client, site.newBrowser(), username);
    if (round % 4 === 0) expect((await exchange(site, { ...client, secret: 'wrong' }, 'no-code')).status).toBe(401);
  }
});

test('sign-in and consent work without a script', async () => {
  const person = await site.anAccount();
  const page = await browser.go(authorizePath(client.clientId, { scope: 'openid' }));
  expect(page.text).toMatch(/name="identifier"/);
  const consent = await browser.submit({ identifier: person.username, password: testPassword });
  expect(consent.text).toMatch(/name="decision"/);
  expect(consent.text).not.toContain('<script');
});
