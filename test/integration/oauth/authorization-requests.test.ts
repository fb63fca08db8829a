import { afterAll, describe, expect, test } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { authorize, authorizePath, get, obtainCode } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const browse = (path: string) => site.newBrowser().visit(path);
const callbackOf = (location: string | null) => new URL(location ?? '').searchParams;

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

test('of one network, so many people may begin to sign in at once and no more; who is signed in goes on', async () => {
  await using bounded = await startProviderSite({ env: { ANONYMOUS_AUTHORIZATIONS_PER_MINUTE: '5' } });
  const { username } = await bounded.anAccount();
  const { clientId } = await bounded.aClient({ requirePkce: false, skipConsent: true, scopes: ['openid'] });
  const path = authorizePath(clientId, { scope: 'openid' });
  const browser = bounded.newBrowser();
  expect((await authorize(browser, path, username)).get('code')).toBeTruthy();
  const begin = () => get(bounded.url + path);
  const answers = [await begin(), await begin(), await begin(), await begin(), await begin(), await begin()];
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303, 429, 429]);
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  const waiting = `select 1 from oidc_artifact where model = 'Interaction'`;
  expect((await bounded.orm.em.fork().execute(waiting)).length).toBeLessThanOrEqual(5);
  expect((await authorize(browser, path, username)).get('code')).toBeTruthy();
});
