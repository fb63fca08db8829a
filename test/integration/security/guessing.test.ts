/** Lines 51 and 52 of the security checklist: what comes too often. */
import { afterAll, expect, test } from 'vitest';
import type { Browser, VisitedPage } from '../../support/browser.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { timeRatio } from '../../support/time-ratio.js';
import { inBody, type OAuthAnswer, post } from '../oauth/clients.js';

const failuresPerAddress = 40;
const site = await startProviderSite({
  env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1', FAILURES_PER_ADDRESS_PER_MINUTE: String(failuresPerAddress) },
  // Dear enough for a password that is not compared to be seen by the clock.
  passwordCost: { memoryKib: 16 * 1024, passes: 2 },
});
afterAll(() => site[Symbol.asyncDispose]());

const expectLimited = ({ status, headers }: { status: number; headers: Headers }, what: string) => {
  expect(status, what).toBe(429);
  expect(Number(headers.get('retry-after')), what).toBeGreaterThan(0);
};

test('D51: an unknown user and a wrong password are told alike, in as much time, and stopped per account and per address', async () => {
  const { username } = await site.anAccount();
  const wrong = await signIn(username, 'wrong', '203.0.113.1');
  const unknown = await signIn('nobody', 'wrong', '203.0.113.1');
  expect([wrong.status, unknown.status]).toEqual([422, 422]);
  const wordsOf = ({ text }: VisitedPage) => text.replaceAll(/<[^>]+>/g, '').trim();
  expect(wordsOf(wrong)).toContain('is not right');
  expect(wordsOf(unknown)).toBe(wordsOf(wrong));

  let turn = 0;
  const tryTo = (identifier: string) => () => signIn(identifier, 'wrong', `203.0.113.${10 + (turn++ >> 2)}`);
  const ratio = await timeRatio(9, tryTo(username), tryTo('nobody'));
  expect(ratio).toBeGreaterThan(1 / 3);
  expect(ratio).toBeLessThan(3);

  const other = await site.anAccount();
  for (const identifier of [other.username, 'nobody-else']) {
    for (let guess = 0; guess < 10; guess++)
      expect((await signIn(identifier, `guess-${guess}`, '203.0.113.2')).status).toBe(422);
    expectLimited(await signIn(identifier, 'one more', '203.0.113.2'), identifier);
  }
  expectLimited(await signIn(other.username, testPassword, '203.0.113.2'), 'the right password, too late');
  expect((await signIn(other.username, testPassword, '203.0.113.3')).status).toBe(303);

  for (let guess = 0; guess < failuresPerAddress; guess++)
    expect((await signIn(`nobody-${guess}`, 'guess', '203.0.113.4')).status).toBe(422);
  expectLimited(await signIn('nobody-at-all', 'guess', '203.0.113.4'), 'an address that fails all the time');
});

test('D52: the token, introspection and revocation endpoints, and device polling, answer 429 with the time to wait', async () => {
  const ownGrant = { grant_type: 'client_credentials' };
  const service = () => site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
  for (const path of ['/oauth2/token/', '/oauth2/introspect/', '/oauth2/revoke_token/']) {
    const client = await service();
    const ask = (secret: string, address: string): Promise<OAuthAnswer> =>
      post(
        site.url + path,
        { ...ownGrant, token: 'x', ...inBody({ ...client, secret }) },
        { 'x-forwarded-for': address },
      );
    const address = `198.51.100.${path.length}`;
    for (let guess = 0; guess < 20; guess++) expect((await ask(`guess-${guess}`, address)).status, path).toBe(401);
    expectLimited(await ask('one more', address), path);
    // Failures are held up, not traffic: the right secret opens from there as well, and nobody else is concerned.
    expect((await ask(client.secret, address)).status, path).toBe(200);
    expect((await ask('a guess', '198.51.100.200')).status, path).toBe(401);
  }

  const device = await site.aClient({ type: 'PUBLIC', grantTypes: ['DEVICE_CODE'], scopes: ['openid'] });
  const started = await post(`${site.url}/oauth2/device-authorization`, inBody(device));
  const poll = () =>
    post(`${site.url}/oauth2/token/`, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(started.body.device_code),
      ...inBody(device),
    });
  expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
  expect(await poll()).toMatchObject({ status: 400, body: { error: 'slow_down' } });
  const answers = await Promise.all(Array.from({ length: 40 }, poll));
  const limited = answers.find(({ status }) => status === 429);
  expect(limited?.body).toMatchObject({ error: 'slow_down' });
  expectLimited(limited ?? { status: 0, headers: new Headers() }, 'polling');
});

/** Signs in from an address, as a proxy in front passes it on. */
async function signIn(identifier: string, password: string, address: string): Promise<VisitedPage> {
  const browser = browsers.get(address) ?? site.newBrowser();
  browsers.set(address, browser);
  const headers = { 'x-forwarded-for': address };
  const form = await browser.visit('/login', { headers });
  const csrf = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: csrf, identifier, password });
  return browser.visit('/login', { method: 'POST', body, headers });
}
const browsers = new Map<string, Browser>();
