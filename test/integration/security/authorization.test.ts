/**
 * The security checklist of the provider has sixty lines; the tests of this folder are those lines, one each, by their number.
 * Whatever else is tested of the provider is in the folder `oauth`.
 */
import { afterAll, expect, test } from 'vitest';
import { callbackUrl, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, aVerifier, get, inBody, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const browse = (path: string) => site.newBrowser().visit(path);
const answerTo = (location: string | null) => new URLSearchParams(location?.split(/[?#]/)[1]);

test('D1: a redirect URI that differs at all from the registered one gives an error page and no redirect', async () => {
  const { clientId } = await site.aClient();
  for (const [difference, uri] of [
    ['case of the path', 'http://client.localhost:9000/Callback'],
    ['a trailing slash', 'http://client.localhost:9000/callback/'],
    ['an extra query', 'http://client.localhost:9000/callback?x=y'],
    ['a fragment', 'http://client.localhost:9000/callback#x'],
    ['the scheme', 'https://client.localhost:9000/callback'],
    ['the port', 'http://client.localhost:9001/callback'],
    ['the host', 'http://evil.localhost:9000/callback'],
    ['a path that climbs', 'http://client.localhost:9000/x/../callback'],
  ] as const) {
    const page = await browse(authorizePath(clientId, { redirect_uri: uri }));
    expect(page.status, difference).toBe(400);
    expect(page.headers.get('location'), difference).toBeNull();
    expect(page.headers.get('content-type'), difference).toContain('text/html');
    expect(page.text, difference).toContain('invalid_redirect_uri');
  }
});

test('D2: redirect_state is admitted for clients that are marked so, and nothing else for anybody', async () => {
  const marked = await site.aClient({ allowRedirectState: true, requirePkce: false });
  const other = await site.aClient({ requirePkce: false });
  const ask = (clientId: string, suffix: string) =>
    browse(authorizePath(clientId, { redirect_uri: `${callbackUrl}${suffix}`, scope: 'user:read' }));
  expect((await ask(marked.clientId, '?redirect_state=AbC123')).headers.get('location')).toMatch(/^\/login\//);
  const refused = [
    '?a=b',
    '?redirect_state=x&a=b',
    '?redirect_state=',
    '?redirect_state=a%20b',
    '?redirect_state=x#y',
    '/x?redirect_state=x',
  ].map((suffix): [string, string] => [marked.clientId, suffix]);
  for (const [clientId, suffix] of [...refused, [other.clientId, '?redirect_state=x'], [other.clientId, '?a=b']]) {
    const page = await ask(clientId ?? '', suffix ?? '');
    expect(page.status, suffix).toBe(400);
    expect(page.headers.get('location'), suffix).toBeNull();
  }
});

test('D3: an unknown client gets a page and no redirect', async () => {
  const page = await browse(authorizePath('nobody'));
  expect(page.status).toBe(400);
  expect(page.headers.get('location')).toBeNull();
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.text).toContain('invalid_client');
});

test('D4: no response type but code is supported', async () => {
  const { clientId } = await site.aClient();
  for (const type of ['token', 'id_token token', 'id_token', 'code token', 'none']) {
    const page = await browse(authorizePath(clientId, { response_type: type, nonce: 'n' }));
    expect(answerTo(page.headers.get('location')).get('error'), type).toBe('unsupported_response_type');
  }
});

test('D5: a client that must use PKCE, as every public one, is refused without a challenge and with plain', async () => {
  const { challenge } = aVerifier();
  const ways: Record<string, string>[] = [
    {},
    { code_challenge: challenge, code_challenge_method: 'plain' },
    { code_challenge: challenge },
  ];
  for (const input of [{ type: 'PUBLIC' as const }, { type: 'PUBLIC' as const, requirePkce: false }, {}]) {
    const { clientId } = await site.aClient(input);
    for (const parameters of ways) {
      const page = await browse(authorizePath(clientId, parameters));
      const answer = answerTo(page.headers.get('location'));
      expect(answer.get('error'), JSON.stringify([input, parameters])).toBe('invalid_request');
      expect(answer.get('code')).toBeNull();
    }
  }
});

test('D13: the authorization response, and its refusal, name the issuer of discovery', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false });
  const answer = await authorize(site.newBrowser(), authorizePath(clientId), account.username);
  const { body } = await get(`${site.url}/.well-known/openid-configuration`);
  expect(body.authorization_response_iss_parameter_supported).toBe(true);
  expect(answer.get('code')).toBeTruthy();
  expect(answer.get('iss')).toBe(body.issuer);
  const refused = await browse(authorizePath(clientId, { scope: 'no-such-scope' }));
  expect(answerTo(refused.headers.get('location')).get('iss')).toBe(body.issuer);
});

test('D14: state comes back byte for byte', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false });
  const browser = site.newBrowser();
  for (const state of ['a b+c%20/?&=#"<>\'ä€😀', 'x'.repeat(2000), ' leading and trailing ']) {
    const answer = await authorize(browser, authorizePath(clientId, { state }), account.username);
    expect(answer.get('code')).toBeTruthy();
    expect(answer.get('state')).toBe(state);
    const refused = await browse(authorizePath(clientId, { state, response_type: 'token' }));
    expect(answerTo(refused.headers.get('location')).get('state')).toBe(state);
  }
});

test('D15: after a credential was posted the browser is sent on by GET', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false, skipConsent: true });
  const browser = site.newBrowser();
  await browser.go(authorizePath(clientId));
  const csrf = /name="_csrf" value="([^"]+)"/.exec(browser.page?.text ?? '')?.[1] ?? '';
  const form = new URLSearchParams({ _csrf: csrf, identifier: account.username, password: testPassword });
  const answer = await browser.visit(new URL(browser.page?.url ?? '').pathname, { method: 'POST', body: form });
  expect(answer.status).toBe(303);
  const resumed = await browser.visit(answer.headers.get('location') ?? '');
  expect(resumed.status).toBeOneOf([302, 303]);
  expect(resumed.headers.get('location')).toContain('code=');
});

test('D19: a parameter that comes twice is refused at both endpoints', async () => {
  const client = await site.aClient({ requirePkce: false });
  const page = await browse(`${authorizePath(client.clientId)}&scope=openid&scope=email`);
  expect(answerTo(page.headers.get('location')).get('error')).toBe('invalid_request');
  for (const decisive of ['redirect_uri=http%3A%2F%2Fevil.example%2F', 'client_id=x']) {
    const twice = await browse(`${authorizePath(client.clientId)}&${decisive}`);
    expect(twice.status, decisive).toBe(400);
    expect(twice.headers.get('location'), decisive).toBeNull();
  }
  const form = Object.entries({ grant_type: 'authorization_code', redirect_uri: callbackUrl, ...inBody(client) });
  const answer = await post(`${site.url}/oauth2/token/`, [...form, ['code', 'x'], ['code', 'x']]);
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
});
