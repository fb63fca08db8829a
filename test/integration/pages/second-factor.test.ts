import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import type { Browser } from '../../support/browser.js';
import { tokenOf } from '../../support/passkey-pages.js';
import { callbackUrl, type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';

let site: ProviderSite;
const clock = { now: new Date() };
beforeAll(async () => {
  site = await startProviderSite({ clock: () => clock.now });
});
afterAll(() => site[Symbol.asyncDispose]());

async function signedIn(username: string): Promise<Browser> {
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
  return browser;
}

/** Turns it on by the pages, and answers what the app and the paper know. */
async function withApp(username: string) {
  await site.anAccount({ username });
  const [elsewhere, browser] = [await signedIn(username), await signedIn(username)];
  await browser.go('/account/two-step');
  await browser.submit({ currentPassword: testPassword });
  expect(browser.page?.url).toBe(`${site.url}/account/two-step/set-up`);
  expect(browser.page?.text).toContain('<svg');
  const key = /<code>([A-Z2-7 ]+)<\/code>/.exec(browser.page?.text ?? '')?.[1]?.replaceAll(' ', '') ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(key) });
  /** The code of the next time step: each can be used once. */
  const nextCode = () => {
    clock.now = new Date(clock.now.getTime() + 30_000);
    return totp.generate({ timestamp: clock.now.getTime() });
  };
  await browser.submit({ code: '12' });
  expect(browser.page?.status).toBe(422);
  await browser.submit({ code: nextCode() });
  const recoveryCodes = [...(browser.page?.text ?? '').matchAll(/<code>([a-z0-9-]{14})<\/code>/g)].map(
    ([, code]) => code,
  );
  expect(recoveryCodes).toHaveLength(10);
  return { browser, elsewhere, nextCode, recoveryCodes };
}

test('with an app, the password alone signs nobody in; code or recovery code do, once', async () => {
  const { nextCode, recoveryCodes } = await withApp('tilda');
  const browser = await signedIn('tilda');
  expect(browser.page?.url).toBe(`${site.url}/login/second-step`);
  expect((await browser.go('/account')).url).toContain('/login?next');
  await browser.go('/login/second-step?next=%2Faccount%2Fprofile');
  await browser.submit({ code: '000000' });
  expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('This code is not right') });
  const code = nextCode();
  await browser.submit({ code });
  expect(browser.page?.url).toBe(`${site.url}/account/profile`);

  const thief = await signedIn('tilda');
  await thief.submit({ code });
  expect(thief.page?.status).toBe(422);
  await thief.submit({ code: recoveryCodes[0] ?? '' });
  expect(thief.page?.url).toBe(`${site.url}/account`);
  const again = await signedIn('tilda');
  await again.submit({ code: recoveryCodes[0] ?? '' });
  expect(again.page?.status).toBe(422);
  expect((await site.newBrowser().go('/login/second-step')).url).toBe(`${site.url}/login`);
});

test('turning it on signs out everywhere else; turning it off needs password and code', async () => {
  const { browser, elsewhere, nextCode } = await withApp('vera');
  expect((await elsewhere.go('/account')).url).toContain('/login');
  await browser.go('/account/two-step');
  await browser.submit({ currentPassword: 'wrong', code: nextCode(), act: 'remove' });
  expect(browser.page?.text).toContain('not your current password');
  await browser.submit({ currentPassword: testPassword, code: nextCode(), act: 'remove' });
  expect(browser.page).toMatchObject({ url: `${site.url}/account?done=two-step-off`, status: 200 });
  expect((await signedIn('vera')).page?.url).toBe(`${site.url}/account`);
});

test('a client that wishes for two factors gets them, with acr and amr in the ID token', async () => {
  const { browser, nextCode } = await withApp('willa');
  const client = await site.aClient({ scopes: ['openid'], skipConsent: true });
  const authorize = (extra: Record<string, string>) =>
    `/oauth2/authorize/?${new URLSearchParams({ client_id: client.clientId, redirect_uri: callbackUrl, response_type: 'code', scope: 'openid', state: 's', ...extra, code_challenge: challenge, code_challenge_method: 'S256' })}`;
  const claimsOf = async (address: string) => {
    const code = new URL(address).searchParams.get('code') ?? '';
    const answer = await fetch(`${site.url}/oauth2/token/`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbackUrl,
        code_verifier: verifier,
      }),
    });
    const { id_token: idToken } = (await answer.json()) as { id_token?: string };
    return decodeJwt(idToken ?? '');
  };
  // The session in which the app was set up is one of a password.
  const before = await browser.go(authorize({}));
  expect(before.url).toContain(callbackUrl);
  await browser.go(authorize({ acr_values: 'aal2' }));
  expect(browser.page?.url).toContain('/login/');
  await browser.submit({ identifier: 'willa', password: testPassword });
  expect(browser.page?.url).toMatch(/\/login\/[\w-]+\/second-step$/);
  const after = await browser.submit({ code: nextCode() });
  expect(await claimsOf(after.url)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp'] });
  const silent = await browser.go(authorize({ acr_values: 'aal2', prompt: 'none' }));
  expect(new URL(silent.url).searchParams.get('code')).toBeTruthy();
});

test('a wish for two factors does not keep out who has one', async () => {
  await site.anAccount({ username: 'xenia' });
  const client = await site.aClient({ scopes: ['openid'], skipConsent: true });
  const browser = await signedIn('xenia');
  const end = await browser.go(
    `/oauth2/authorize/?${new URLSearchParams({ client_id: client.clientId, redirect_uri: callbackUrl, response_type: 'code', scope: 'openid', acr_values: 'aal2', code_challenge: challenge, code_challenge_method: 'S256' })}`,
  );
  expect(end.url).toContain(`${callbackUrl}?code=`);
});

/** RFC 7636, appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

test('new recovery codes that are asked for many times at once are one set', async () => {
  const { browser, recoveryCodes } = await withApp('ulla');
  const [{ id } = { id: '' }] = await site.orm.em.fork().find(AccountEntity, { username: 'ulla' });
  await browser.go('/account/two-step');
  const body = (code: string | undefined) =>
    new URLSearchParams({ _csrf: tokenOf(browser), act: 'renew', currentPassword: testPassword, code: code ?? '' });
  const answers = await Promise.all(
    recoveryCodes
      .slice(0, 6)
      .map((code) => browser.visit('/account/two-step/change', { method: 'POST', body: body(code) })),
  );
  expect(answers.filter(({ text }) => text.includes('<code>')).length).toBeGreaterThan(0);
  expect(await site.services.secondFactors.codesLeftOf([id])).toMatchObject([{ count: 10 }]);
});
