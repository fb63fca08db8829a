import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenOf } from '../../support/passkey-pages.js';
import { type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';
import { registerPasskey } from '../../support/registered-passkey.js';
import { basic, post } from '../oauth/clients.js';

let site: ProviderSite;
beforeAll(async () => {
  site = await startProviderSite({
    env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1', CLIENT_FAILURES_PER_MINUTE: '5' },
  });
});
afterAll(() => site[Symbol.asyncDispose]());

/** Signs in from an address, as a proxy in front passes it on. */
async function signIn(username: string, password: string, address: string): Promise<number> {
  const browser = site.newBrowser();
  const headers = { 'x-forwarded-for': address };
  const form = await browser.visit('/login', { headers });
  const csrf = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: csrf, identifier: username, password });
  return (await browser.visit('/login', { method: 'POST', body, headers })).status;
}

test('all the addresses of one IPv6 network guess as one', async () => {
  const { username } = await site.anAccount();
  const statuses: number[] = [];
  for (let n = 1; n <= 12; n++) statuses.push(await signIn(username, `guess-${n}`, `2001:db8:1:1::${n.toString(16)}`));
  expect(statuses).toEqual([...Array(10).fill(422), 429, 429]);
  expect(await signIn(username, testPassword, '2001:db8:1:2::1')).toBe(303);
});

test('secrets of clients are guessed from a network as from one address', async () => {
  const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
  const ask = (secret: string, address: string) =>
    post(
      `${site.url}/oauth2/token/`,
      { grant_type: 'client_credentials' },
      { ...basic({ ...client, secret }), 'x-forwarded-for': address },
    );
  const statuses: number[] = [];
  for (let n = 1; n <= 7; n++) statuses.push((await ask('a guess', `2001:db8:2:1::${n}`)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect((await ask(client.secret, '2001:db8:2:1::9')).status).toBe(200);
});

test('guesses that come at once are counted like those that come in turn', async () => {
  const { username } = await site.anAccount();
  const statuses = await Promise.all(
    Array.from({ length: 40 }, (_, n) => signIn(username, `guess-${n}`, '203.0.113.40')),
  );
  expect(statuses.filter((status) => status === 422)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  expect(await signIn(username, testPassword, '203.0.113.41')).toBe(303);
});

test('codes of a second factor are not guessed by many networks together either', async () => {
  const account = await site.anAccount();
  const ways = { origin: site.url, password: testPassword };
  const { recoveryCodes } = await registerPasskey(site.services.passkeys, account, ways);
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: account.username, password: testPassword });
  const csrf = tokenOf(browser);
  const tryCode = async (code: string, network: number) => {
    const headers = { 'x-forwarded-for': `2001:db8:3:${network.toString(16)}::1` };
    const body = new URLSearchParams({ _csrf: csrf, code });
    return (await browser.visit('/login/second-step', { method: 'POST', body, headers })).status;
  };
  const statuses: number[] = [];
  for (let n = 1; n <= 101; n++) statuses.push(await tryCode('000000', n));
  expect(statuses).toEqual([...Array(100).fill(422), 429]);
  expect(await tryCode(recoveryCodes[0] ?? '', 102)).toBe(429);
});
