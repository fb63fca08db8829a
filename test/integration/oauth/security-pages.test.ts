import { request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { callbackUrl, startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorize, authorizePath, exchange, get, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const isSignedIn = async (browser: Browser) =>
  (await get(`${site.url}/api/users/me`, { cookie: browser.cookieHeader() })).status === 200;

describe('D16 pages of a sign-in', () => {
  test('leak no address and cannot be framed', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    const pages = [
      await browser.go(authorizePath(clientId)),
      await browser.submit({ identifier: account.username, password: testPassword }),
      await browser.go('/oauth2/logout'),
      await browser.go(authorizePath('nobody')),
    ];
    expect(pages.map(({ url }) => new URL(url).pathname.split('/')[1])).toEqual([
      'login',
      'consent',
      'oauth2',
      'oauth2',
    ]);
    for (const { headers } of pages) {
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

describe('D49 a sign-out that an application asks for', () => {
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

  test('asks, ends the session when told to, and leads back with the state', async () => {
    const { browser, hint } = await aSignedInClient();
    const state = 'a+b &=#ä';
    const page = await browser.go(logoutPath({ id_token_hint: hint, post_logout_redirect_uri: goodbye, state }));
    expect(page).toMatchObject({ status: 200 });
    expect(await isSignedIn(browser)).toBe(true);
    const end = await browser.submit({ xsrf: xsrfOf(page.text), logout: 'yes' });
    expect(end.url.split('?')[0]).toBe(goodbye);
    expect([...new URL(end.url).searchParams]).toEqual([['state', state]]);
    expect(await isSignedIn(browser)).toBe(false);
    const silent = await browser.go(authorizePath(new URL(site.url).host, { prompt: 'none' }));
    expect(silent.text).not.toContain('code=');
  });

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

  test.each([
    ['an address that is not registered', { post_logout_redirect_uri: 'http://evil.example/' }],
    ['a registered address with a query', { post_logout_redirect_uri: `${goodbye}?x=y` }],
    ['a hint that is not signed', { id_token_hint: unsigned({ aud: 'x' }), post_logout_redirect_uri: goodbye }],
    ['a hint that is no token', { id_token_hint: 'x', post_logout_redirect_uri: goodbye }],
    ['an address without a hint', { post_logout_redirect_uri: goodbye }],
  ])('does not lead to %s', async (_what, parameters) => {
    const { client, browser, hint } = await aSignedInClient();
    const given = Object.hasOwn(parameters, 'id_token_hint') ? {} : { id_token_hint: hint };
    const withHint = _what === 'an address without a hint' ? {} : given;
    const page = await browser.go(logoutPath({ ...withHint, ...parameters }));
    expect(page.headers.get('location')).toBeNull();
    expect(await isSignedIn(browser)).toBe(true);
    if (page.status === 200) {
      const end = await browser.submit({ xsrf: xsrfOf(page.text), logout: 'yes' });
      expect(end.url.startsWith(site.url)).toBe(true);
    } else expect(page.status).toBe(400);
    expect(client.clientId).toBeTruthy();
  });

  test('cannot be forged: the form has a token that only its own page knows', async () => {
    const { browser } = await aSignedInClient();
    await browser.go('/oauth2/logout');
    const forged = new URLSearchParams({ xsrf: 'guess', logout: 'yes' });
    expect((await browser.visit('/oauth2/logout/confirm', { method: 'POST', body: forged })).status).toBe(400);
    expect(await isSignedIn(browser)).toBe(true);
  });
});

describe('D50 an authorization request', () => {
  test('of another browser opens nothing', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const victim = site.newBrowser();
    const login = await victim.go(authorizePath(clientId));
    const path = new URL(login.url).pathname;
    const attacker = site.newBrowser();
    expect((await attacker.go(path)).status).toBe(400);
    await attacker.go(authorizePath(clientId));
    const form = new URLSearchParams({ identifier: account.username, password: testPassword });
    form.set('_csrf', /name="_csrf" value="([^"]+)"/.exec(attacker.page?.text ?? '')?.[1] ?? '');
    expect((await attacker.visit(path, { method: 'POST', body: form })).status).toBe(400);
    // Not even with a cookie of one's own on the path of the other.
    const own = [...attacker.cookies].find(([key]) => key.startsWith('portico_interaction;'));
    const signature = [...attacker.cookies].find(([key]) => key.startsWith('portico_interaction.sig;'));
    attacker.cookies.set(`portico_interaction;${path}`, { value: own?.[1].value ?? '', path });
    attacker.cookies.set(`portico_interaction.sig;${path}`, { value: signature?.[1].value ?? '', path });
    expect((await attacker.visit(path, { method: 'POST', body: form })).status).toBe(400);
  });

  test('takes no form of another site', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    const page = await browser.go(authorizePath(clientId));
    const form = new URLSearchParams({ identifier: account.username, password: testPassword });
    expect((await browser.visit(new URL(page.url).pathname, { method: 'POST', body: form })).status).toBe(403);
  });

  test('cannot be consented to while nobody has signed in', async () => {
    const { clientId } = await site.aClient({ requirePkce: false });
    const browser = site.newBrowser();
    const login = await browser.go(authorizePath(clientId));
    const consentPath = new URL(login.url).pathname.replace('/login/', '/consent/');
    for (const [key, cookie] of [...browser.cookies])
      if (cookie.path.startsWith('/login/'))
        browser.cookies.set(key.replace('/login/', '/consent/'), { ...cookie, path: consentPath });
    const form = new URLSearchParams({ decision: 'allow' });
    form.set('_csrf', /name="_csrf" value="([^"]+)"/.exec(login.text)?.[1] ?? '');
    expect((await browser.visit(consentPath, { method: 'POST', body: form })).status).toBe(400);
  });

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

describe('D53 a foreign host', () => {
  test('is refused and not repeated', async () => {
    const paths = ['/.well-known/openid-configuration', '/oauth2/authorize?client_id=x', '/oauth2/logout', '/login'];
    for (const path of paths) {
      const answer = await raw(path, { host: 'evil.example' });
      expect([400, 421], path).toContain(answer.status);
      expect(answer.all).not.toContain('evil.example');
    }
  });

  test('in a forwarding header changes nothing', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ requirePkce: false });
    for (const path of ['/.well-known/openid-configuration', authorizePath(clientId), '/oauth2/logout']) {
      const answer = await raw(path, {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
      });
      expect(answer.status).toBeLessThan(400);
      expect(answer.all).not.toContain('evil.example');
      expect(answer.all).not.toContain(`https://${new URL(site.url).host}`);
    }
    expect(account.username).toBeTruthy();
  });
});

describe('D55 requests from browsers of other sites', () => {
  test('are not let in for clients with a secret, nor with credentials for anybody', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
    for (const origin of ['https://evil.example', 'null']) {
      const answer = await post(
        `${site.url}/oauth2/token/`,
        { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.secret },
        { origin },
      );
      expect(answer.status).toBe(400);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('are let in for public clients from where they live', async () => {
    const { clientId } = await site.aClient({ type: 'PUBLIC' });
    const from = (origin: string) =>
      post(
        `${site.url}/oauth2/token/`,
        { grant_type: 'authorization_code', code: 'x', redirect_uri: callbackUrl, client_id: clientId },
        { origin },
      );
    const home = await from(new URL(callbackUrl).origin);
    expect(home.headers.get('access-control-allow-origin')).toBe(new URL(callbackUrl).origin);
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('D56 markup', () => {
  const attack = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';

  test('in the name of a client is text on consent and sign-out pages', async () => {
    const account = await site.anAccount();
    const { clientId } = await site.aClient({ name: attack, requirePkce: false });
    const browser = site.newBrowser();
    const pages = [
      await browser.go(authorizePath(clientId)),
      await browser.submit({ identifier: account.username, password: testPassword }),
      await browser.go(`/oauth2/logout?client_id=${clientId}`),
    ];
    for (const { text } of pages) {
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('<img src=x');
    }
    expect(pages[1]?.text).toMatch(/&(lt|#60|#x3c);script/i);
  });

  test('in a request is text on the error page', async () => {
    for (const name of ['client_id', 'redirect_uri', 'state', 'scope', 'response_mode', 'prompt']) {
      const { clientId } = await site.aClient();
      const page = await site.newBrowser().visit(authorizePath(clientId, { redirect_uri: 'x', [name]: attack }));
      expect(page.status).toBe(400);
      expect(page.text).not.toContain('<script>alert');
      expect(page.text).not.toContain('<img src=x');
    }
  });
});

describe('D57 broken input', () => {
  const values = ['a%00b', '%00', '%E0%A4%A', '%ff%fe', '%', 'x'.repeat(2000), '%F0%9F%98%80', '../../etc', "';--"];

  test.each(values)('is no error of ours: %s', async (value) => {
    const { clientId } = await site.aClient({ requirePkce: false });
    const good = authorizePath(clientId);
    const paths = [
      `/oauth2/authorize?client_id=${value}&response_type=code`,
      `${good}&nonce=${value}`,
      good.replace('a-state', value),
      `/oauth2/authorize/${value}`,
      `/oauth2/logout?id_token_hint=${value}&post_logout_redirect_uri=${value}&state=${value}`,
      `/login/${value}`,
      `/consent/${value}`,
    ];
    for (const path of paths) {
      const answer = await raw(path, { cookie: `portico_session=${value.slice(0, 100)}; portico_interaction=x` });
      expect(answer.status, path.slice(0, 100)).toBeLessThan(500);
    }
    for (const path of [
      '/oauth2/token/',
      '/oauth2/introspect/',
      '/oauth2/revoke_token/',
      '/oauth2/par',
      '/oauth2/logout/confirm',
    ]) {
      for (const body of [
        `grant_type=client_credentials&client_id=${value}&client_secret=${value}`,
        `grant_type=authorization_code&code=${value}&redirect_uri=${value}&client_id=${clientId}&client_secret=x&token=${value}`,
      ]) {
        const answer = await fetch(site.url + path, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
        expect(answer.status, path).toBeGreaterThanOrEqual(400);
        expect(answer.status, path).toBeLessThan(500);
      }
    }
  });

  test('NUL in what would be stored is refused', async () => {
    const client = await site.aClient();
    const answer = await post(`${site.url}/oauth2/par`, {
      client_id: client.clientId,
      client_secret: client.secret,
      response_type: 'code',
      redirect_uri: callbackUrl,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      state: 'a\u0000b',
    });
    const requestUri = String(answer.body.request_uri ?? '');
    const page = await site
      .newBrowser()
      .visit(`/oauth2/authorize?client_id=${client.clientId}&request_uri=${requestUri}`);
    expect(page.status).toBeLessThan(500);
    expect(page.headers.get('location') ?? 'error=').toContain('error=');
  });

  test('a body of 100 KB is refused', async () => {
    const answer = await post(`${site.url}/oauth2/token/`, { grant_type: 'x'.repeat(100_000) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

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
function raw(path: string, headers: Record<string, string>): Promise<{ status: number; all: string }> {
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
