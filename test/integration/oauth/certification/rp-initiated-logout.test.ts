/**
 * OpenID certification, plan "RP-initiated logout". A sign-out without anything, and one that is declined, are in
 * consent-and-sign-out.test.ts; that nothing unregistered is ever led to is line 49 of part D.
 */
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../../support/browser.js';
import { type ClientCredentials, startProviderSite } from '../../../support/provider-site.js';
import { authorizePath } from '../clients.js';
import { aSuiteClient, goodbyeUrl, signIn } from './relying-party.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
let client: ClientCredentials;
let username: string;
beforeAll(async () => {
  client = await aSuiteClient(site);
  ({ username } = await site.anAccount());
});

async function aSession() {
  const browser = site.newBrowser();
  return { browser, ...(await signIn(site, client, browser, username)) };
}

/** Goes to sign out, and says yes when asked. @returns where that ends */
async function signOut(browser: Browser, parameters: Record<string, string>) {
  const page = await browser.go(`/oauth2/logout?${new URLSearchParams(parameters)}`);
  return page.text.includes('op.logoutForm') ? browser.submit({ logout: 'yes' }) : page;
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  const { url } = await browser.go(authorizePath(client.clientId, { scope: 'openid', prompt: 'none' }));
  return new URL(url).searchParams.has('code');
}

test('with hint and registered URI the session ends, and the person comes back with the state byte for byte', async () => {
  const { browser, idToken } = await aSession();
  const state = 'a b+c%20/?&=#"<>\'ä€😀`{|}~^[]\\';
  const end = await signOut(browser, { id_token_hint: idToken, post_logout_redirect_uri: goodbyeUrl, state });
  expect(end.url.startsWith(`${goodbyeUrl}?`)).toBe(true);
  expect([...new URL(end.url).searchParams]).toEqual([['state', state]]);
  expect(await isSignedIn(browser)).toBe(false);
});

test('without state none comes back, and nothing is added to the URI', async () => {
  const { browser, idToken } = await aSession();
  const end = await signOut(browser, { id_token_hint: idToken, post_logout_redirect_uri: goodbyeUrl });
  expect(end.url).toBe(goodbyeUrl);
});

test.each(['only a state', 'only a hint'])('with %s the session ends on a page that says so', async (what) => {
  const { browser, idToken } = await aSession();
  const end = await signOut(browser, what === 'only a hint' ? { id_token_hint: idToken } : { state: 'a-state' });
  expect(end.status).toBe(200);
  expect(end.url.startsWith(site.url)).toBe(true);
  expect(end.text).toContain('You are signed out');
  expect(await isSignedIn(browser)).toBe(false);
});

describe('nobody is led away', () => {
  const hints: [string, (claims: object) => Promise<string>][] = [
    ['by a hint without signature', async (claims) => new UnsecuredJWT({ ...claims }).encode()],
    [
      'by a hint that another key signed',
      async (claims) => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'foreign' }).sign(privateKey);
      },
    ],
  ];
  test.each(hints)('%s, and the session goes on', async (_how, forge) => {
    const { browser, claims } = await aSession();
    const hint = await forge(claims);
    const page = await browser.go(
      `/oauth2/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbyeUrl })}`,
    );
    expect(page).toMatchObject({ status: 400, url: expect.stringMatching(new RegExp(`^${site.url}`)) });
    expect(page.text).toContain('This did not work');
    expect(await isSignedIn(browser)).toBe(true);
  });

  test.each([
    ['to a URI that is not registered', 'http://client.localhost:9000/elsewhere'],
    ['to a registered one with a query more', `${goodbyeUrl}?foo=bar`],
  ])('%s', async (_what, uri) => {
    const { browser, idToken } = await aSession();
    const page = await browser.go(
      `/oauth2/logout?${new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: uri })}`,
    );
    expect(page.status).toBe(400);
    expect(page.text).toContain('This did not work');
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('to a registered URI without a hint, though the session ends', async () => {
    const { browser } = await aSession();
    const end = await signOut(browser, { post_logout_redirect_uri: goodbyeUrl, state: 'a-state' });
    expect(end.url.startsWith(site.url)).toBe(true);
    expect(end.text).toContain('You are signed out');
  });
});
