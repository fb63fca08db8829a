import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fastify from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorizePath } from './clients.js';

/** The sign-in session as pages use it, without the pages: what these check as well is not to rest on them. */
const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const { signIn } = site.oauth;

function aVisit(url: string, cookie = ''): [IncomingMessage, ServerResponse] {
  const req = new IncomingMessage(new Socket());
  req.url = url;
  Object.assign(req.headers, { cookie, 'user-agent': 'Test/1.0', 'x-forwarded-for': '192.0.2.7' });
  return [req, new ServerResponse(req)];
}

const cookiesOf = (res: ServerResponse) =>
  [res.getHeader('set-cookie') ?? []]
    .flat()
    .map((line) => String(line).split(';', 1)[0])
    .join('; ');

async function anInteraction(): Promise<{ path: string; cookie: string }> {
  const { clientId } = await site.aClient({ requirePkce: false });
  const browser: Browser = site.newBrowser();
  const page = await browser.go(authorizePath(clientId, { scope: 'openid', login_hint: 'alice@example.org' }));
  const path = new URL(page.url).pathname;
  return { path, cookie: browser.cookieHeader(path) };
}

describe('establishing a session', () => {
  test('gives a signed cookie, and notes where from', async () => {
    const account = await site.anAccount();
    const [req, res] = aVisit('/login');
    await signIn.establish(req, res, account.id, ['pwd']);
    expect(await signIn.current(...aVisit('/', cookiesOf(res)))).toMatchObject({ accountId: account.id });
    expect(await signIn.list(account.id)).toMatchObject([{ userAgent: 'Test/1.0', address: '192.0.2.7' }]);
  });

  test('again as the same person changes the identifier and keeps the session', async () => {
    const account = await site.anAccount();
    const [req, first] = aVisit('/login');
    await signIn.establish(req, first, account.id, ['pwd']);
    const [again, second] = aVisit('/login', cookiesOf(first));
    const before = await signIn.current(...aVisit('/', cookiesOf(first)));
    await signIn.establish(again, second, account.id, ['pwd']);
    expect(cookiesOf(second)).not.toBe(cookiesOf(first));
    expect(await signIn.current(...aVisit('/', cookiesOf(first)))).toBeUndefined();
    expect(await signIn.current(...aVisit('/', cookiesOf(second)))).toEqual(before);
    expect(await signIn.list(account.id)).toHaveLength(1);
  });

  test('as somebody else ends the session of whom it was', async () => {
    const [alice, bob] = [await site.anAccount(), await site.anAccount()];
    const [req, first] = aVisit('/login');
    await signIn.establish(req, first, alice.id, ['pwd']);
    const [again, second] = aVisit('/login', cookiesOf(first));
    await signIn.establish(again, second, bob.id, ['pwd']);
    expect(await signIn.list(alice.id)).toEqual([]);
    expect(await signIn.current(...aVisit('/', cookiesOf(second)))).toMatchObject({ accountId: bob.id });
  });
});

describe('an authorization request that waits', () => {
  test('is told to the page of its own address only', async () => {
    const { path, cookie } = await anInteraction();
    expect(await signIn.interaction(...aVisit(path, cookie))).toMatchObject({
      prompt: 'login',
      clientName: 'Test client',
      missingScopes: ['openid'],
      loginHint: 'alice@example.org',
      mustReauthenticate: false,
      requestPath: expect.stringMatching(/^\/oauth2\/authorize\/\?.*login_hint=/),
    });
    expect(await signIn.interaction(...aVisit('/login/another', cookie))).toBeUndefined();
    expect(await signIn.interaction(...aVisit(path))).toBeUndefined();
  });

  test('is finished from the page of its own address only', async () => {
    const account = await site.anAccount();
    const { path, cookie } = await anInteraction();
    await expect(signIn.finishLogin(...aVisit('/login/another', cookie), account.id, ['pwd'])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(signIn.abort(...aVisit('/login/another', cookie))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await signIn.finishLogin(...aVisit(path, cookie), account.id, ['pwd'])).toContain('/oauth2/authorize/');
  });

  test('is not consented to before somebody has signed in', async () => {
    const { path, cookie } = await anInteraction();
    await expect(signIn.finishConsent(...aVisit(path, cookie), ['openid'])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is not finished by a session that is not there', async () => {
    const account = await site.anAccount();
    const { path, cookie } = await anInteraction();
    await expect(signIn.finishLogin(...aVisit(path, cookie), account.id, [])).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const [req, res] = aVisit('/login');
    await signIn.establish(req, res, (await site.anAccount()).id, ['pwd']);
    const foreign = aVisit(path, `${cookie}; ${cookiesOf(res)}`);
    await expect(signIn.finishLogin(...foreign, account.id, [])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('grants only what was asked and allowed', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    await browser.go(authorizePath(clientId, { scope: 'openid profile email' }));
    const page = await browser.submit({ identifier: account.username, password: testPassword });
    const path = new URL(page.url).pathname;
    const target = await signIn.finishConsent(...aVisit(path, browser.cookieHeader(path)), [
      'profile',
      'accounts:write',
    ]);
    const end = await browser.go(target);
    expect(new URL(end.url).searchParams.get('code')).toBeTruthy();
    expect(await site.oauth.clientGrants.list(account.id)).toMatchObject([{ clientId, scopes: ['profile'] }]);
  });
});

test('the routes refuse a foreign host also on a web server that does not', async () => {
  const bare = fastify();
  await bare.register(site.oauth.routes);
  const url = '/.well-known/openid-configuration';
  const foreign = await bare.inject({ url, headers: { host: 'evil.example' } });
  expect(foreign.statusCode).toBe(421);
  expect(foreign.body).not.toContain('evil.example');
  const own = await bare.inject({
    url,
    headers: { host: new URL(site.url).host, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  });
  expect(own.json().token_endpoint).toBe(`${site.url}/oauth2/token`);
  await bare.close();
});
