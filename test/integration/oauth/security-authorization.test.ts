/**
 * The security checklist of the authorization server, line by line: each `describe` is one line, by its number.
 *
 * Lines that are not here because what they are about is not offered: 32 (audiences: there are no resource servers), 38 to 40
 * (JWT access tokens), 43 and 44 (restricted applications). Line 52 for
 * devices is in device-flow.test.ts.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { callbackUrl, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, aVerifier, get, obtainCode } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const browse = (path: string) => site.newBrowser().visit(path);
const callbackOf = (location: string | null) => new URL(location ?? '').searchParams;

describe('D1 a redirect URI that differs at all', () => {
  test.each([
    ['case of the path', 'http://client.localhost:9000/Callback'],
    ['a trailing slash', 'http://client.localhost:9000/callback/'],
    ['an extra query', 'http://client.localhost:9000/callback?x=y'],
    ['a fragment', 'http://client.localhost:9000/callback#x'],
    ['the scheme', 'https://client.localhost:9000/callback'],
    ['the port', 'http://client.localhost:9001/callback'],
    ['the host', 'http://evil.localhost:9000/callback'],
    ['a path that climbs', 'http://client.localhost:9000/x/../callback'],
  ])('by %s gives an error page and no redirect', async (_what, uri) => {
    const { clientId } = await site.aClient();
    const page = await browse(authorizePath(clientId, { redirect_uri: uri }));
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('invalid_redirect_uri');
  });
});

describe('D2 redirect_state', () => {
  const withState = `${callbackUrl}?redirect_state=AbC123`;

  test('is admitted for clients that are marked so', async () => {
    const { clientId } = await site.aClient({ allowRedirectState: true, requirePkce: false });
    const page = await browse(authorizePath(clientId, { redirect_uri: withState, scope: 'user:read' }));
    expect(page.headers.get('location')).toMatch(/^\/login\//);
  });

  test('is refused for all others', async () => {
    const { clientId } = await site.aClient({ requirePkce: false });
    expect((await browse(authorizePath(clientId, { redirect_uri: withState }))).status).toBe(400);
  });

  test.each([
    '?a=b',
    '?redirect_state=x&a=b',
    '?redirect_state=',
    '?redirect_state=a%20b',
    '?redirect_state=x#y',
    '/x?redirect_state=x',
  ])('opens nothing else: %s', async (suffix) => {
    const { clientId } = await site.aClient({ allowRedirectState: true, requirePkce: false });
    const page = await browse(authorizePath(clientId, { redirect_uri: `${callbackUrl}${suffix}` }));
    expect(page).toMatchObject({ status: 400 });
    expect(page.headers.get('location')).toBeNull();
  });
});

test('D3 an unknown client gets a page and no redirect', async () => {
  const page = await browse(authorizePath('nobody'));
  expect(page.status).toBe(400);
  expect(page.headers.get('location')).toBeNull();
  expect(page.text).toContain('invalid_client');
});

test.each(['token', 'id_token token', 'id_token', 'code token', 'none'])(
  'D4 response_type=%s is not supported',
  async (type) => {
    const { clientId } = await site.aClient();
    const page = await browse(authorizePath(clientId, { response_type: type, nonce: 'n' }));
    const answer = new URLSearchParams(page.headers.get('location')?.split(/[?#]/)[1]);
    expect(answer.get('error')).toBe('unsupported_response_type');
  },
);

describe('D5 a client that must use PKCE', () => {
  test.each([
    ['without a challenge', {}],
    ['with plain', { code_challenge: aVerifier().challenge, code_challenge_method: 'plain' }],
    ['with a method that is plain by default', { code_challenge: aVerifier().challenge }],
  ])('is refused %s', async (_how, parameters) => {
    for (const type of ['PUBLIC', 'CONFIDENTIAL'] as const) {
      const { clientId } = await site.aClient({ type });
      const page = await browse(authorizePath(clientId, parameters));
      expect(callbackOf(page.headers.get('location')).get('error')).toBe('invalid_request');
    }
  });
});

test('D13 the authorization response names its issuer', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false });
  const answer = await authorize(site.newBrowser(), authorizePath(clientId), account.username);
  const { body } = await get(`${site.url}/.well-known/openid-configuration`);
  expect(answer.get('iss')).toBe(body.issuer);
  expect(body.issuer).toBe(site.url);
});

test.each(['a b+c%20/?&=#"<>\'ä€😀', 'x'.repeat(2000), ' leading and trailing '])(
  'D14 state comes back byte for byte: %s',
  async (state) => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const answer = await authorize(site.newBrowser(), authorizePath(clientId, { state }), account.username);
    expect(answer.get('state')).toBe(state);
    const refused = await browse(authorizePath(clientId, { state, response_type: 'token' }));
    expect(new URLSearchParams(refused.headers.get('location')?.split(/[?#]/)[1]).get('state')).toBe(state);
  },
);

test('D15 after the password nothing is sent on by POST', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false, skipConsent: true });
  const browser = site.newBrowser();
  await browser.go(authorizePath(clientId));
  const csrf = /name="_csrf" value="([^"]+)"/.exec(browser.page?.text ?? '')?.[1] ?? '';
  const form = new URLSearchParams({ _csrf: csrf, identifier: account.username, password: testPassword });
  const answer = await browser.visit(new URL(browser.page?.url ?? '').pathname, { method: 'POST', body: form });
  expect(answer.status).toBe(303);
  const resumed = await browser.visit(answer.headers.get('location') ?? '');
  expect([302, 303]).toContain(resumed.status);
  expect(resumed.headers.get('location')).toContain('code=');
});

describe('D19 a parameter that comes twice', () => {
  test('is refused', async () => {
    const { clientId } = await site.aClient({ requirePkce: false });
    const page = await browse(`${authorizePath(clientId)}&scope=openid&scope=email`);
    expect(callbackOf(page.headers.get('location')).get('error')).toBe('invalid_request');
  });

  test('is refused on a page when it decides where to', async () => {
    const { clientId } = await site.aClient({ requirePkce: false });
    const twice = await browse(`${authorizePath(clientId)}&redirect_uri=http%3A%2F%2Fevil.example%2F`);
    expect(twice.status).toBe(400);
    expect(twice.headers.get('location')).toBeNull();
  });
});

describe('scopes', () => {
  test('a client that asks for nothing gets what it is registered for', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true, scopes: ['user:read', 'profile'] });
    const code = await obtainCode(site, client.clientId, account.username, { scope: undefined });
    expect(code).toBeTruthy();
  });

  test.each(['no-such-scope', 'user:read no-such-scope', 'accounts:write'])(
    '%s, which it may not have, is refused',
    async (scope) => {
      const { clientId } = await site.aClient({ requirePkce: false, scopes: ['user:read'] });
      const page = await browse(authorizePath(clientId, { scope }));
      expect(callbackOf(page.headers.get('location')).get('error')).toBe('invalid_scope');
    },
  );
});

describe('a POSTed authorization request', () => {
  test('is led to the same request as GET, duplicates and all', async () => {
    const body = new URLSearchParams([
      ['client_id', 'abc'],
      ['state', 'a b+c'],
      ['scope', 'x'],
      ['scope', 'y'],
    ]);
    const answer = await site.newBrowser().visit('/oauth2/authorize/', { method: 'POST', body });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/oauth2/authorize/?${body}`);
  });

  test('signs in like any other', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    const body = new URL(authorizePath(clientId, { scope: 'openid' }), site.url).searchParams;
    const firstVisit = await browser.go('/oauth2/authorize', { method: 'POST', body });
    const answer = await authorize(browser, '', account.username, { firstVisit });
    expect(answer.get('code')).toBeTruthy();
  });

  test('of 100 KB, or of JSON, is refused', async () => {
    const big = await fetch(`${site.url}/oauth2/authorize/`, {
      method: 'POST',
      body: new URLSearchParams({ state: 'x'.repeat(100_000) }),
      redirect: 'manual',
    });
    expect(big.status).toBe(413);
    const json = await fetch(`${site.url}/oauth2/authorize/`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
      redirect: 'manual',
    });
    expect(json.status).toBe(400);
  });
});
