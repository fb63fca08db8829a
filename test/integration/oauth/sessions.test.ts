import { createServer } from 'node:http';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OidcSessionEntity } from '../../../src/entities/oidc-artifact.entity.js';
import type { Browser } from '../../support/browser.js';
import { callbackUrl, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, bearer, exchange, get } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());

const cookieName = 'portico_session;/';
const sessionCookie = (browser: Browser) => browser.cookies.get(cookieName)?.value;
const client = await site.aClient({ requirePkce: false, skipConsent: true });
/** Whether a session is there, as a client finds out without the person noticing. */
async function silently(browser: Browser, parameters: Record<string, string> = {}) {
  const page = await browser.go(
    authorizePath(client.clientId, { prompt: 'none', scope: 'openid user:read', ...parameters }),
  );
  const answer = new URL(page.url).searchParams;
  return answer.get('error') ?? (answer.has('code') ? 'code' : 'nothing');
}
async function signIn(browser: Browser, username: string, parameters: Record<string, string> = {}) {
  return authorize(browser, authorizePath(client.clientId, { scope: 'openid user:read', ...parameters }), username);
}

describe('the session identifier', () => {
  test('changes when the sign-in page itself is used again, by anybody', async () => {
    const [alice, bob] = [await site.anAccount(), await site.anAccount()];
    const browser = site.newBrowser();
    await signIn(browser, alice.username);
    const before = sessionCookie(browser);
    const [row] = await site.oauth.signIn.list(alice.id);
    await browser.go('/logout?no_redirect=1');
    await browser.go('/login');
    await browser.submit({ identifier: bob.username, password: testPassword });
    expect(sessionCookie(browser)).not.toBe(before);
    expect(await site.oauth.signIn.list(alice.id)).toEqual([]);
    expect((await site.oauth.signIn.list(bob.id))[0]?.uid).not.toBe(row?.uid);
  });
});

describe('a session', () => {
  test('lives on by the use of pages alone', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    await signIn(browser, account.username);
    for (let week = 0; week < 3; week++) {
      later({ days: 8 });
      expect((await get(`${site.url}/api/users/me`, { cookie: browser.cookieHeader() })).status).toBe(200);
    }
    expect(await silently(browser)).toBe('code');
  });
});

describe('signing out', () => {
  test('ends what the session gave to clients, but for those that may work while the person is away', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    const own = await exchange(site, client, (await signIn(browser, account.username)).get('code') ?? '');
    const mobile = await site.aClient({ requirePkce: false, scopes: ['user:read', 'offline_access'] });
    const answer = await authorize(
      browser,
      authorizePath(mobile.clientId, { scope: 'user:read offline_access', prompt: 'consent' }),
      account.username,
    );
    const away = await exchange(site, mobile, answer.get('code') ?? '');
    await browser.go('/logout?no_redirect=1');
    expect((await get(`${site.url}/api/users/me`, bearer(own.body.access_token))).status).toBe(401);
    expect((await get(`${site.url}/api/users/me`, bearer(away.body.access_token))).status).toBe(200);
  });
});

test('a client with a back channel inside our own network is not called, and keeps nobody from signing out', async () => {
  let calls = 0;
  const server = createServer((_req, res) => {
    calls++;
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  try {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({
      requirePkce: false,
      skipConsent: true,
      backchannelLogoutUri: `http://127.0.0.1:${port}/logout`,
    });
    const browser = site.newBrowser();
    await authorize(browser, authorizePath(clientId, { scope: 'openid' }), account.username);
    expect((await browser.go('/logout?no_redirect=1')).status).toBe(200);
    expect(await silently(browser)).toBe('login_required');
    expect(calls).toBe(0);
  } finally {
    server.close();
  }
});

describe('ending everything', () => {
  test('one session can be ended from another', async () => {
    const account = await site.anAccount();
    const [here, there] = [site.newBrowser(), site.newBrowser()];
    await signIn(here, account.username);
    await signIn(there, account.username);
    const sessions = await site.oauth.signIn.list(account.id);
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatchObject({
      userAgent: expect.any(String),
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    });
    const [newest] = sessions;
    expect(await site.oauth.signIn.revoke((await site.anAccount()).id, newest?.uid ?? '')).toBe(false);
    expect(await site.oauth.signIn.revoke(account.id, newest?.uid ?? '')).toBe(true);
    expect(await silently(there)).toBe('login_required');
    expect(await silently(here)).toBe('code');
  });
});

test('a session of an account that was deactivated since asks for a sign-in', async () => {
  const account = await site.anAccount();
  const browser = site.newBrowser();
  await signIn(browser, account.username);
  await site.orm.em.fork().nativeUpdate(AccountEntity, { id: account.id }, { status: 'DEACTIVATED' });
  expect(await silently(browser)).toBe('login_required');
  const page = await browser.go(authorizePath(client.clientId));
  expect(page).toMatchObject({ status: 200 });
  expect(page.url).toContain('/login/');
});

test('two clients authorized at the same time are both remembered by the session', async () => {
  const account = await site.anAccount();
  const browser = site.newBrowser();
  await signIn(browser, account.username);
  const clients = await Promise.all([1, 2, 3, 4].map(() => site.aClient({ requirePkce: false, skipConsent: true })));
  const cookie = browser.cookieHeader();
  await Promise.all(
    clients.map(({ clientId }) =>
      fetch(site.url + authorizePath(clientId), { headers: { cookie, accept: 'text/html' }, redirect: 'manual' }),
    ),
  );
  const row = await site.orm.em.fork().findOneOrFail(OidcSessionEntity, { accountId: account.id });
  const known = Object.keys(row.payload.authorizations ?? {});
  expect(known).toEqual(expect.arrayContaining(clients.map(({ clientId }) => clientId)));
});

test('sessions are stored by the hash of their identifier only', async () => {
  const account = await site.anAccount();
  const browser = site.newBrowser();
  await browser.go(authorizePath(client.clientId, { prompt: 'login' }));
  await signIn(browser, account.username);
  await browser.go(authorizePath(client.clientId, { prompt: 'login' }));
  const rows = await site.orm.em.fork().execute('select * from oidc_session union all select * from oidc_session');
  const artifacts = await site.orm.em.fork().execute('select id, payload from oidc_artifact');
  const stored = JSON.stringify([rows, artifacts]);
  for (const [name, { value }] of browser.cookies)
    if (!name.includes('.sig') && !name.includes('form')) expect(stored, name).not.toContain(value);
  expect(browser.cookies.size).toBeGreaterThan(3);
});

describe('prompts', () => {
  test('login and max_age ask again, and move auth_time', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    const authTime = async (parameters: Record<string, string>) => {
      const answer = await signIn(browser, account.username, parameters);
      const { body } = await exchange(site, client, answer.get('code') ?? '');
      const claims: unknown = JSON.parse(
        Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString(),
      );
      return claims instanceof Object && 'auth_time' in claims ? Number(claims.auth_time) : Number.NaN;
    };
    const first = await authTime({ max_age: '10000' });
    later({ seconds: 5 });
    expect(await silently(browser, { max_age: '10000' })).toBe('code');
    expect(await silently(browser, { max_age: '2' })).toBe('login_required');
    const page = await browser.go(authorizePath(client.clientId, { scope: 'openid', max_age: '2' }));
    expect(page.url).toContain('/login/');
    expect(await authTime({ max_age: '2' })).toBeGreaterThan(first);
    later({ seconds: 5 });
    const second = await authTime({ max_age: '10000' });
    expect(await authTime({ prompt: 'login' })).toBeGreaterThan(second);
  });

  test('answered by a sign-in in another tab keep the time of that sign-in', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    const waiting = await browser.go(authorizePath(client.clientId, { scope: 'openid', max_age: '100' }));
    await signIn(browser, account.username);
    const signedInAt = Math.floor(Date.now() / 1000);
    later({ seconds: 60 });
    const end = await browser.go(waiting.url);
    const { body } = await exchange(site, client, new URL(end.url).searchParams.get('code') ?? '');
    const claims = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
    expect(claims.auth_time).toBeLessThanOrEqual(signedInAt);
  });

  test('none without a session comes back with an error, and asks nothing', async () => {
    expect(await silently(site.newBrowser())).toBe('login_required');
  });

  test('none without consent comes back with an error', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    await signIn(browser, account.username);
    const stranger = await site.aClient({ requirePkce: false });
    const page = await browser.go(authorizePath(stranger.clientId, { prompt: 'none', scope: 'openid' }));
    expect(page.url).toContain(callbackUrl);
    expect(new URL(page.url).searchParams.get('error')).toBe('consent_required');
  });
});

function later({ days = 0, seconds = 0 }: { days?: number; seconds?: number }) {
  const now = Date.now() + days * 86_400_000 + seconds * 1000;
  if (vi.isFakeTimers()) vi.setSystemTime(now);
  else vi.useFakeTimers({ toFake: ['Date'], now });
}

/** A request object as the web server would hand it on. */
async function _aRequest(headers: Record<string, string>) {
  const { IncomingMessage } = await import('node:http');
  const { Socket } = await import('node:net');
  const req = new IncomingMessage(new Socket());
  Object.assign(req.headers, headers);
  return req;
}
