import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { askedBy } from '../../support/passkey-pages.js';
import {
  type ClientCredentials,
  callbackUrl,
  type ProviderSite,
  startProviderSite,
  testPassword,
} from '../../support/provider-site.js';
import { registerPasskey } from '../../support/registered-passkey.js';
import type { SoftwarePasskey } from '../../support/software-passkey.js';
import { authorizePath, aVerifier, exchange } from './clients.js';

let site: ProviderSite;
let client: ClientCredentials;
beforeAll(async () => {
  site = await startProviderSite();
  client = await site.aClient({ scopes: ['openid'], skipConsent: true });
});
afterEach(() => vi.useRealTimers());
afterAll(() => site[Symbol.asyncDispose]());

const { verifier, challenge } = aVerifier();
const request = (parameters: Record<string, string> = {}) =>
  authorizePath(client.clientId, {
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  });

/** The ID token that comes of the redirect which the browser ended at. */
async function idTokenOf(browser: Browser, address: string) {
  expect(address, browser.page?.text.slice(0, 300)).toContain(callbackUrl);
  const code = new URL(address).searchParams.get('code') ?? '';
  const { body } = await exchange(site, client, code, { code_verifier: verifier });
  return decodeJwt(String(body.id_token));
}

async function aPersonWithPasskey(username: string, options: { isSyncable?: boolean } = {}) {
  const account = await site.anAccount({ username });
  const { passkeys } = site.services;
  return registerPasskey(passkeys, account, { origin: site.url, password: testPassword, ...options });
}

const answer = async (browser: Browser, passkey: SoftwarePasskey) =>
  browser.submit({ passkey: passkey.use(await askedBy(browser)) });

test('a passkey that checks the person is worth two factors, and says what it is', async () => {
  const { passkey } = await aPersonWithPasskey('alba');
  const browser = site.newBrowser();
  await browser.go(request({ acr_values: 'aal2' }));
  const end = await answer(browser, passkey);
  expect(await idTokenOf(browser, end.url)).toMatchObject({ acr: 'aal2', amr: ['hwk', 'user'] });
  const silent = await browser.go(request({ acr_values: 'aal2', prompt: 'none' }));
  expect(await idTokenOf(browser, silent.url)).toMatchObject({ acr: 'aal2', amr: ['hwk', 'user'] });
});

test('a passkey that can be copied to other devices is one in software', async () => {
  const { passkey } = await aPersonWithPasskey('berta', { isSyncable: true });
  const browser = site.newBrowser();
  await browser.go(request());
  const end = await answer(browser, passkey);
  expect(await idTokenOf(browser, end.url)).toMatchObject({ amr: ['swk', 'user'] });
});

test('after a password it is worth two factors as well, also when it did not check the person', async () => {
  const { passkey } = await aPersonWithPasskey('carla');
  const browser = site.newBrowser();
  await browser.go(request({ acr_values: 'aal2' }));
  await browser.submit({ identifier: 'carla', password: testPassword });
  expect(browser.page?.url).toMatch(/\/login\/[\w-]+\/second-step$/);
  const end = await browser.submit({ passkey: passkey.use(await askedBy(browser), { isPersonVerified: false }) });
  expect(await idTokenOf(browser, end.url)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'hwk', 'user'] });
});

test('a session of a password alone is stepped up as soon as the person has a passkey', async () => {
  const account = await site.anAccount({ username: 'dora' });
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: 'dora', password: testPassword });
  const before = await browser.go(request({ acr_values: 'aal2' }));
  expect(await idTokenOf(browser, before.url)).toMatchObject({ acr: 'aal1', amr: ['pwd'] });
  const { passkeys } = site.services;
  const { passkey } = await registerPasskey(passkeys, account, { origin: site.url, password: testPassword });
  expect(
    new URL((await browser.go(request({ acr_values: 'aal2', prompt: 'none' }))).url).searchParams.get('error'),
  ).toBe('login_required');
  await browser.go(request({ acr_values: 'aal2' }));
  const end = await answer(browser, passkey);
  expect(await idTokenOf(browser, end.url)).toMatchObject({ acr: 'aal2' });
});

test('max_age is met by using the passkey again, and by nothing less', async () => {
  const { passkey } = await aPersonWithPasskey('edda');
  const browser = site.newBrowser();
  await browser.go(request({ max_age: '60' }));
  const first = await idTokenOf(browser, (await answer(browser, passkey)).url);
  expect(first.auth_time).toEqual(expect.any(Number));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  await browser.go(request({ max_age: '60' }));
  expect(browser.page?.url).toContain('/login/');
  const end = await answer(browser, passkey);
  const again = await idTokenOf(browser, end.url);
  expect(Number(again.auth_time) - Number(first.auth_time)).toBeGreaterThanOrEqual(120);
  expect(again).toMatchObject({ amr: ['hwk', 'user'] });
});
