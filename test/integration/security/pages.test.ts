/** Lines 16, 49, 50 and 56 of the security checklist: the pages that the provider shows. */
import { afterAll, expect, test } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, exchange, get } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const isSignedIn = async (browser: Browser) =>
  (await get(`${site.url}/api/users/me`, { cookie: browser.cookieHeader() })).status === 200;
const fieldOf = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? '';

test('D16: the pages of a sign-in leak no address and cannot be framed', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false });
  const browser = site.newBrowser();
  const pages = [
    await browser.go(authorizePath(clientId)),
    await browser.submit({ identifier: account.username, password: 'wrong' }),
    await browser.submit({ identifier: account.username, password: testPassword }),
    await browser.go('/oauth2/logout'),
    await browser.go('/oauth2/device'),
    await browser.go(authorizePath('nobody')),
  ];
  expect(pages.map(({ url, status }) => [new URL(url).pathname.split('/')[1], status])).toEqual([
    ['login', 200],
    ['login', 422],
    ['consent', 200],
    ['oauth2', 200],
    ['oauth2', 200],
    ['oauth2', 400],
  ]);
  for (const { url, headers } of pages) {
    expect(headers.get('referrer-policy'), url).toBe('no-referrer');
    expect(headers.get('content-security-policy'), url).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options'), url).toBe('DENY');
  }
});

test('D49: a sign-out that an application asks for is confirmed by the person, and leads to registered addresses only', async () => {
  const goodbye = 'http://client.localhost:9000/goodbye';
  const client = await site.aClient({ requirePkce: false, skipConsent: true, postLogoutRedirectUris: [goodbye] });
  const aSignedIn = async () => {
    const { username } = await site.anAccount();
    const browser = site.newBrowser();
    const answer = await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), username);
    const { body } = await exchange(site, client, answer.get('code') ?? '');
    return { browser, hint: String(body.id_token) };
  };
  const { browser, hint } = await aSignedIn();
  const evil = 'http://evil.example/';
  const [header, , signature] = hint.split('.');
  const forged = `${header}.${Buffer.from(JSON.stringify({ iss: site.url, aud: client.clientId })).toString('base64url')}`;
  const attempts: Record<string, string>[] = [
    {},
    { post_logout_redirect_uri: goodbye },
    { post_logout_redirect_uri: evil },
    { client_id: client.clientId, post_logout_redirect_uri: evil },
    { id_token_hint: hint, post_logout_redirect_uri: evil },
    { id_token_hint: hint, post_logout_redirect_uri: `${goodbye}?x=y` },
    { id_token_hint: 'x', post_logout_redirect_uri: goodbye },
    { id_token_hint: `${forged}.${signature}`, post_logout_redirect_uri: goodbye },
    { id_token_hint: `${forged}.`, post_logout_redirect_uri: evil },
  ];
  for (const parameters of attempts) {
    const what = JSON.stringify(parameters);
    const page = await browser.visit(`/oauth2/logout?${new URLSearchParams(parameters)}`);
    expect(page.status, what).toBeOneOf([200, 400]);
    expect(page.headers.get('location'), what).toBeNull();
    expect(await isSignedIn(browser), what).toBe(true);
    if (page.status === 400) continue;
    const other = await aSignedIn();
    const question = await other.browser.go(`/oauth2/logout?${new URLSearchParams(parameters)}`);
    const end = await other.browser.submit({ xsrf: fieldOf(question.text, 'xsrf'), logout: 'yes' });
    expect(new URL(end.url).origin, what).toBe(site.url);
  }
  const unasked = new URLSearchParams({ xsrf: 'guess', logout: 'yes' });
  expect((await browser.visit('/oauth2/logout/confirm', { method: 'POST', body: unasked })).status).toBe(400);
  expect(await isSignedIn(browser)).toBe(true);

  const parameters = { id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 'a state' };
  const question = await browser.go(`/oauth2/logout?${new URLSearchParams(parameters)}`);
  const end = await browser.submit({ xsrf: fieldOf(question.text, 'xsrf'), logout: 'yes' });
  expect(end.url).toBe(`${goodbye}?${new URLSearchParams({ state: 'a state' })}`);
  expect(await isSignedIn(browser)).toBe(false);
});

test('D50: a form of a sign-in is taken from the browser that asked, for its own request, and from our pages only', async () => {
  const account = await site.anAccount();
  const { clientId } = await site.aClient({ requirePkce: false });
  const right = { identifier: account.username, password: testPassword };
  const victim = site.newBrowser();
  const login = await victim.go(authorizePath(clientId));
  const path = new URL(login.url).pathname;
  const post = (browser: Browser, target: string, fields: Record<string, string>, headers = {}) =>
    browser.visit(target, { method: 'POST', body: new URLSearchParams(fields), headers });

  const attacker = site.newBrowser();
  expect((await attacker.go(path)).status).toBe(400);
  const own = await attacker.go(authorizePath(clientId));
  const ownPath = new URL(own.url).pathname;
  const _csrf = fieldOf(own.text, '_csrf');
  expect((await post(attacker, path, { ...right, _csrf })).status, 'without the cookie').toBe(400);
  for (const name of ['portico_interaction', 'portico_interaction.sig'])
    attacker.cookies.set(`${name};${path}`, { value: attacker.cookies.get(`${name};${ownPath}`)?.value ?? '', path });
  expect((await post(attacker, path, { ...right, _csrf })).status, 'with the cookie of another request').toBe(400);

  expect((await post(victim, path, right)).status, 'without the token of the form').toBe(403);
  const fromElsewhere = { ...right, _csrf: fieldOf(login.text, '_csrf') };
  expect((await post(victim, path, fromElsewhere, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await post(site.newBrowser(), '/login', right)).status).toBe(403);

  const consentPath = path.replace('/login/', '/consent/');
  for (const [key, cookie] of [...victim.cookies])
    if (cookie.path === path) victim.cookies.set(key.replace(path, consentPath), { ...cookie, path: consentPath });
  const unasked = { decision: 'allow', _csrf: fieldOf(login.text, '_csrf') };
  expect((await post(victim, consentPath, unasked)).status, 'consent before anybody signed in').toBe(400);
});

test('D56: markup in what clients say is text on consent, sign-out and error pages', async () => {
  const attack = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';
  const account = await site.anAccount();
  const hostile = await site.aClient({
    name: attack,
    requirePkce: false,
    postLogoutRedirectUris: ['http://a.localhost/'],
  });
  const browser = site.newBrowser();
  const named = [
    await browser.go(authorizePath(hostile.clientId, { state: attack })),
    await browser.submit({ identifier: account.username, password: testPassword }),
    await browser.go(`/oauth2/logout?${new URLSearchParams({ client_id: hostile.clientId, state: attack })}`),
  ];
  expect(named.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new URL(named[1]?.url ?? '').pathname).toContain('/consent/');
  for (const { text } of named.slice(0, 2)) expect(text).toMatch(/&(lt|#60|#x3c);script/i);
  const errors = await Promise.all(
    ['client_id', 'redirect_uri', 'state', 'scope', 'response_mode', 'prompt', 'error_description'].map((name) =>
      site.newBrowser().visit(authorizePath(hostile.clientId, { redirect_uri: 'x', [name]: attack })),
    ),
  );
  errors.push(await browser.visit(`/oauth2/logout?${new URLSearchParams({ id_token_hint: attack })}`));
  errors.push(await browser.visit(`/oauth2/device?${new URLSearchParams({ user_code: attack })}`));
  for (const { status } of errors.slice(0, -1)) expect(status).toBe(400);
  for (const { text, url } of [...named, ...errors]) {
    expect(text, url).not.toContain('<script>alert');
    expect(text, url).not.toContain('<img src=x');
    expect(text, url).not.toContain('"\'>');
  }
});
