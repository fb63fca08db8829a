import { request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, exchange, get, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const isSignedIn = async (browser: Browser) =>
  (await get(`${site.url}/api/users/me`, { cookie: browser.cookieHeader() })).status === 200;

describe('a sign-out that an application asks for', () => {
  const goodbye = 'http://client.localhost:9000/goodbye';
  const aSignedInClient = async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true, postLogoutRedirectUris: [goodbye] });
    const browser = site.newBrowser();
    const answer = await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), account.username);
    const { body } = await exchange(site, client, answer.get('code') ?? '');
    return { client, browser, hint: String(body.id_token) };
  };
  const logoutPath = (parameters: Record<string, string>) => `/oauth2/logout/?${new URLSearchParams(parameters)}`;

  test('may be declined', async () => {
    const { browser, hint } = await aSignedInClient();
    const page = await browser.go(logoutPath({ id_token_hint: hint }));
    const end = await browser.submit({ xsrf: xsrfOf(page.text) });
    expect(end.text).toContain('still signed in');
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('without anything signs out after asking, and says so', async () => {
    const { browser } = await aSignedInClient();
    const page = await browser.go('/oauth2/logout');
    const end = await browser.submit({ xsrf: xsrfOf(page.text), logout: 'yes' });
    expect(end).toMatchObject({ status: 200 });
    expect(end.text).toContain('You are signed out');
    expect(await isSignedIn(browser)).toBe(false);
  });
});

describe('an authorization request', () => {
  test('in two tabs of one browser is answered in both', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false, skipConsent: true });
    const browser = site.newBrowser();
    const first = await browser.go(authorizePath(clientId, { state: 'first' }));
    const second = await browser.go(authorizePath(clientId, { state: 'second' }));
    browser.page = first;
    const one = await browser.submit({ identifier: account.username, password: testPassword });
    expect(new URL(one.url).searchParams.get('state')).toBe('first');
    browser.page = second;
    const two = await browser.submit({ identifier: account.username, password: testPassword });
    expect(new URL(two.url).searchParams.get('state')).toBe('second');
    expect(new URL(two.url).searchParams.get('code')).toBeTruthy();
  });

  test('answered as somebody else ends the session of whom it was', async () => {
    const [alice, bob] = [await site.anAccount(), await site.anAccount()];
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    const browser = site.newBrowser();
    await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), alice.username);
    const answer = await authorize(
      browser,
      authorizePath(client.clientId, { scope: 'openid', prompt: 'login' }),
      bob.username,
    );
    const { body } = await exchange(site, client, answer.get('code') ?? '');
    const claims = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
    expect(claims.sub).toBe(bob.id);
    expect(await site.oauth.signIn.list(alice.id)).toEqual([]);
  });
});

describe('consent', () => {
  test('is given by the person who is asked, and by nobody who signs in at the same browser later', async () => {
    const [alice, bob] = [await site.anAccount(), await site.anAccount()];
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    await browser.go(authorizePath(clientId));
    const question = await browser.submit({ identifier: alice.username, password: testPassword });
    expect(question.url).toContain('/consent/');
    const cookies = new Map(browser.cookies);
    const answerAs = async (identifier: string | undefined) => {
      browser.cookies.clear();
      for (const [key, cookie] of cookies) if (!key.startsWith('portico_session')) browser.cookies.set(key, cookie);
      if (identifier !== undefined) {
        await browser.go('/login');
        await browser.submit({ identifier, password: testPassword });
      }
      browser.page = question;
      const form = await browser.visit(question.url);
      browser.page = question;
      return [form.status, (await browser.submit({ decision: 'allow' })).status];
    };
    expect(await answerAs(undefined)).toEqual([400, 400]);
    expect(await answerAs(bob.username)).toEqual([400, 400]);
    expect(await site.oauth.clientGrants.list(alice.id)).toEqual([]);
  });

  test('is asked once for the same scopes, again for more, and again after it was taken back', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const first = site.newBrowser();
    await authorize(first, authorizePath(clientId, { scope: 'openid profile' }), account.username);
    const again = await first.go(authorizePath(clientId, { scope: 'openid profile', prompt: 'none' }));
    expect(new URL(again.url).searchParams.get('code')).toBeTruthy();

    const elsewhere = site.newBrowser();
    await elsewhere.go(authorizePath(clientId, { scope: 'openid' }));
    const remembered = await elsewhere.submit({ identifier: account.username, password: testPassword });
    expect(new URL(remembered.url).searchParams.get('code')).toBeTruthy();
    const more = await elsewhere.go(authorizePath(clientId, { scope: 'openid profile email' }));
    expect(more.url).toContain('/consent/');
    expect(more.text).toContain('See your e-mail address');
    expect(more.text).not.toContain('See your name and username');

    expect(await site.oauth.clientGrants.list(account.id)).toMatchObject([
      { clientId, clientName: 'Test client', scopes: expect.arrayContaining(['openid', 'profile']) },
    ]);
    expect(await site.oauth.clientGrants.revoke(account.id, clientId)).toBe(true);
    expect(await site.oauth.clientGrants.list(account.id)).toEqual([]);
    const asked = await first.go(authorizePath(clientId, { scope: 'openid' }));
    expect(asked.url).toContain('/consent/');
    expect(await site.oauth.clientGrants.revoke(account.id, clientId)).toBe(false);
  });

  test('taken back ends the tokens of that client and of no other', async () => {
    const account = await site.anAccount();
    const [one, other] = [await site.aClient(), await site.aClient()];
    const tokens = await obtainTokens(site, one, account.username, { scope: 'user:read' });
    const kept = await obtainTokens(site, other, account.username, { scope: 'user:read' });
    await site.oauth.clientGrants.revoke(account.id, one.clientId);
    const statusOf = async (token: unknown) =>
      (await get(`${site.url}/api/users/me`, { authorization: `Bearer ${token}` })).status;
    expect([await statusOf(tokens.access_token), await statusOf(kept.access_token)]).toEqual([401, 200]);
  });

  test('that is declined tells the client so', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    await browser.go(authorizePath(clientId, { scope: 'openid' }));
    await browser.submit({ identifier: account.username, password: testPassword });
    const end = await browser.submit({ decision: 'deny' });
    const answer = new URL(end.url).searchParams;
    expect([answer.get('error'), answer.get('state'), answer.get('iss')]).toEqual([
      'access_denied',
      'a-state',
      site.url,
    ]);
  });

  test('is skipped for our own applications, which may ask for more later', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false, skipConsent: true });
    const browser = site.newBrowser();
    await browser.go(authorizePath(clientId, { scope: 'openid' }));
    const first = await browser.submit({ identifier: account.username, password: testPassword });
    const more = await browser.go(authorizePath(clientId, { scope: 'openid email user:read', prompt: 'none' }));
    for (const { url } of [first, more]) expect(new URL(url).searchParams.get('code')).toBeTruthy();
  });
});

describe('broken input', () => {
  const _values = ['a%00b', '%00', '%E0%A4%A', '%ff%fe', '%', 'x'.repeat(2000), '%F0%9F%98%80', '../../etc', "';--"];

  test('a JWT that is none is refused as client authentication', async () => {
    const client = await site.aClient();
    for (const assertion of ['x', 'a.b.c', unsigned({ sub: client.clientId, aud: site.url })]) {
      const answer = await post(`${site.url}/oauth2/token/`, {
        grant_type: 'client_credentials',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      expect([400, 401]).toContain(answer.status);
    }
  });
});

function xsrfOf(text: string): string {
  return /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

function unsigned(claims: Record<string, unknown>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: site?.url, exp: 4_102_444_800, ...claims })}.`;
}

/** `fetch` lets nobody choose `Host`, and repairs addresses. */
function _raw(path: string, headers: Record<string, string>): Promise<{ status: number; all: string }> {
  const { hostname, port, host } = new URL(site.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { host, accept: 'text/html', ...headers } }, (res) => {
      let body = '';
      res.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, all: JSON.stringify(res.headers) + body }));
    })
      .on('error', reject)
      .end();
  });
}
