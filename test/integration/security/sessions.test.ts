/** Lines 29, 45 to 48 and 54 of the security checklist: the session, and https in front of it. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, exchange, get, inBody, post } from '../oauth/clients.js';

const site = await startProviderSite();
/** The same product behind a proxy that speaks https with its visitors. */
const publicUrl = 'https://portico.example.org';
const secure = await startProviderSite({
  env: { PORTICO_PUBLIC_URL: publicUrl, PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1' },
});
afterAll(async () => {
  await secure[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
afterEach(() => vi.useRealTimers());

const cookieName = 'portico_session;/';
const signatureName = 'portico_session.sig;/';
const client = await site.aClient({ requirePkce: false, skipConsent: true });

/** Whether a session is there, as a client finds out without the person noticing. */
async function silently(browser: Browser): Promise<string> {
  const page = await browser.go(authorizePath(client.clientId, { prompt: 'none', scope: 'openid user:read' }));
  const answer = new URL(page.url).searchParams;
  return answer.get('error') ?? (answer.has('code') ? 'code' : 'nothing');
}
/** Whether our pages and API know the person. */
const isKnown = async (browser: Browser, { url }: { url: string } = site) =>
  (await get(`${url}/api/users/me`, { cookie: browser.cookieHeader() })).status === 200;

async function signIn(
  at: ProviderSite,
  clientId: string,
): Promise<{ browser: Browser; username: string; code: string }> {
  const { username } = await at.anAccount();
  const browser = at.newBrowser();
  const answer = await authorize(browser, authorizePath(clientId, { scope: 'openid user:read' }), username);
  return { browser, username, code: answer.get('code') ?? '' };
}

async function signInAgain(username: string): Promise<{ browser: Browser; refreshToken: unknown }> {
  const browser = site.newBrowser();
  const answer = await authorize(browser, authorizePath(client.clientId, { scope: 'openid user:read' }), username);
  const { body } = await exchange(site, client, answer.get('code') ?? '');
  return { browser, refreshToken: body.refresh_token };
}

test('D29: a new password and “sign out everywhere” end sessions and refresh tokens', async () => {
  const { username } = await site.anAccount();
  const refresh = async (token: unknown) => {
    const form = { grant_type: 'refresh_token', refresh_token: String(token), ...inBody(client) };
    return (await post(`${site.url}/oauth2/token/`, form)).body.error ?? 'new tokens';
  };
  const [here, there] = [await signInAgain(username), await signInAgain(username)];
  await here.browser.go('/account/password');
  const password = 'tea at half past six';
  const changed = await here.browser.submit({ currentPassword: testPassword, password });
  expect(changed.url).toContain('/account?done=password');
  expect(await silently(there.browser)).toBe('login_required');
  expect(await isKnown(there.browser)).toBe(false);
  expect(await refresh(there.refreshToken)).toBe('invalid_grant');
  expect(await silently(here.browser)).toBe('code');

  await here.browser.go('/account');
  const csrf = /name="_csrf" value="([^"]+)"/.exec(here.browser.page?.text ?? '')?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: csrf });
  const end = await here.browser.go('/account/sessions/end-all', { method: 'POST', body });
  expect(end.url).toContain('done=signed-out');
  expect(await silently(here.browser)).toBe('login_required');
  expect(await isKnown(here.browser)).toBe(false);
  expect(await refresh(here.refreshToken)).toBe('invalid_grant');
});

test('D45: under https cookies are HttpOnly, Secure, SameSite and signed; one that was changed counts for nothing', async () => {
  const own = await secure.aClient({ requirePkce: false });
  const { browser } = await signIn(secure, own.clientId);
  const names = browser.cookieLines.map((line) => line.slice(0, line.indexOf('=')));
  for (const name of ['portico_session', 'portico_interaction', 'portico_resume'])
    expect(names).toEqual(expect.arrayContaining([name, `${name}.sig`]));
  for (const line of browser.cookieLines)
    expect(line).toMatch(/^(?=.*; httponly)(?=.*; secure)(?=.*; samesite=(lax|strict))/i);

  const proxied = { 'x-forwarded-host': new URL(publicUrl).host, 'x-forwarded-proto': 'https' };
  const isKnownThere = async () => {
    const url = `http://localhost:${secure.config.http.port}/api/users/me`;
    return (await get(url, { cookie: browser.cookieHeader(), ...proxied })).status === 200;
  };
  expect(await isKnownThere()).toBe(true);
  const [session, signature] = [browser.cookies.get(cookieName), browser.cookies.get(signatureName)];
  const tampered = [
    [session?.value, 'x'.repeat(27)],
    [session?.value, undefined],
    [`${session?.value.slice(0, -1)}${session?.value.endsWith('x') ? 'y' : 'x'}`, signature?.value],
  ];
  for (const [value, signed] of tampered) {
    browser.cookies.set(cookieName, { value: value ?? '', path: '/' });
    browser.cookies.set(signatureName, { value: signed ?? '', path: '/' });
    if (signed === undefined) browser.cookies.delete(signatureName);
    expect(await isKnownThere()).toBe(false);
    const silent = await browser.go(authorizePath(own.clientId, { prompt: 'none', scope: 'openid' }));
    expect(silent.url).toContain('error=login_required');
  }
});

test('D46: the session identifier changes at sign-in and when the person proves themselves again; the old one is dead', async () => {
  const { username } = await site.anAccount();
  const browser = site.newBrowser();
  browser.cookies.set(cookieName, { value: 'chosen-by-an-attacker', path: '/' });
  const start = authorizePath(client.clientId, { scope: 'openid user:read' });
  await authorize(browser, start, username);
  const before = new Map(browser.cookies);
  expect(before.get(cookieName)?.value).not.toBe('chosen-by-an-attacker');
  expect(await silently(browser)).toBe('code');

  await authorize(browser, `${start}&prompt=login`, username);
  expect(browser.cookies.get(cookieName)?.value).not.toBe(before.get(cookieName)?.value);
  expect(await silently(browser)).toBe('code');
  const replay = site.newBrowser();
  for (const [key, cookie] of before) replay.cookies.set(key, cookie);
  expect(await isKnown(replay)).toBe(false);
  expect(await silently(replay)).toBe('login_required');
});

test('D47: a session ends when it is idle for two weeks, and after thirty days however much it is used', async () => {
  const idle = await signIn(site, client.clientId);
  const busy = await signIn(site, client.clientId);
  const signedInAt = Date.now();
  const onDay = (day: number) => vi.useFakeTimers({ toFake: ['Date'], now: signedInAt + day * 86_400_000 });
  for (const day of [7, 14, 21, 28, 29]) {
    onDay(day);
    expect(await silently(busy.browser), `day ${day}`).toBe('code');
    expect(await isKnown(busy.browser), `day ${day}`).toBe(true);
  }
  expect(await silently(idle.browser)).toBe('login_required');
  onDay(31);
  expect(await silently(busy.browser)).toBe('login_required');
  expect(await isKnown(busy.browser)).toBe(false);
});

test('D48: signing out ends the session on the server: its cookie is worth nothing afterwards', async () => {
  const { browser } = await signIn(site, client.clientId);
  const kept = new Map(browser.cookies);
  await browser.go('/logout?no_redirect=1');
  expect(browser.cookies.has(cookieName)).toBe(false);
  for (const [key, cookie] of kept) browser.cookies.set(key, cookie);
  expect(await silently(browser)).toBe('login_required');
  expect(await isKnown(browser)).toBe(false);
});

test('D54: plain http in front of https is sent to https, or refused, and https is to be kept', async () => {
  const server = `http://localhost:${secure.config.http.port}`;
  const host = new URL(publicUrl).host;
  const ask = (path: string, scheme: string, method = 'GET') =>
    fetch(server + path, {
      method,
      redirect: 'manual',
      headers: { 'x-forwarded-host': host, 'x-forwarded-proto': scheme },
    });
  for (const path of ['/.well-known/openid-configuration', '/login?a=b', '/oauth2/authorize?client_id=x']) {
    const plain = await ask(path, 'http');
    expect(plain.status, path).toBe(308);
    expect(plain.headers.get('location'), path).toBe(publicUrl + path);
    const encrypted = await ask(path, 'https');
    expect(encrypted.headers.get('strict-transport-security'), path).toMatch(/max-age=[1-9]\d{6,}/);
  }
  const posted = await ask('/oauth2/token/', 'http', 'POST');
  expect([308, 400, 403]).toContain(posted.status);
  expect(await (await ask('/.well-known/openid-configuration', 'https')).json()).toMatchObject({
    issuer: publicUrl,
    token_endpoint: `${publicUrl}/oauth2/token`,
  });
});
