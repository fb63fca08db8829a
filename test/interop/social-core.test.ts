import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProviderSite, testPassword } from '../support/provider-site.js';

/**
 * The LMS's client library, as Open edX runs it: python-social-auth's `BaseOAuth2` with the backend `ol-oauth2`. What it sends
 * is written down from recordings: the redirect URI with its state appended, the secret in the body, `user:read`, no PKCE.
 */
const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const complete = 'http://lms.localhost:18000/auth/complete/ol-oauth2/';
const credentials = { clientId: 'lms', secret: 'the-secret-of-the-lms' };
await site.clients.ensure(
  {
    ...credentials,
    name: 'edx-oauth-app',
    type: 'CONFIDENTIAL',
    grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    redirectUris: [complete],
    skipConsent: true,
    requirePkce: false,
    allowRedirectState: true,
  },
  { accountId: null },
);

function authUrl(state: string): string {
  const redirectUri = `${complete}?redirect_state=${state}`;
  const query = `client_id=lms&redirect_uri=${encodeURIComponent(redirectUri)}&state=${state}&response_type=code&scope=user%3Aread`;
  return `${site.url}/oauth2/authorize/?${query}`;
}

async function authComplete(location: URL, state: string): Promise<Record<string, unknown>> {
  expect(location.href.startsWith(complete)).toBe(true);
  expect(location.searchParams.get('state')).toBe(state);
  expect(location.searchParams.get('redirect_state')).toBe(state);
  const headers = { accept: 'application/json', 'user-agent': 'python-requests/2.32.3' };
  const token = await fetch(`${site.url}/oauth2/token/`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: location.searchParams.get('code') ?? '',
      redirect_uri: `${complete}?redirect_state=${state}`,
      client_id: credentials.clientId,
      client_secret: credentials.secret,
    }),
  });
  expect(token.status).toBe(200);
  const { access_token: accessToken, token_type: type } = Object(await token.json());
  expect(type).toBe('Bearer');
  const details = await fetch(`${site.url}/api/users/me`, {
    headers: { ...headers, accept: '*/*', authorization: `Bearer ${accessToken}` },
    redirect: 'error',
  });
  expect(details.status).toBe(200);
  return Object(await details.json());
}

const aState = () => randomBytes(16).toString('hex');

test('the LMS signs a person in, and the second time nothing is asked', async () => {
  const account = await site.anAccount();
  const browser: Browser = site.newBrowser();
  const [first, second] = [aState(), aState()];
  await browser.go(authUrl(first));
  const back = await browser.submit({ identifier: account.email, password: testPassword });
  const details = await authComplete(new URL(back.url), first);
  expect(details).toMatchObject({ username: account.username, email: account.email, name: account.name });
  const again = await browser.go(authUrl(second));
  expect(await authComplete(new URL(again.url), second)).toMatchObject({ username: account.username });
});

test('a person who cancels comes back as denied', async () => {
  const browser = site.newBrowser();
  const state = aState();
  const login = await browser.go(authUrl(state));
  const form = new URLSearchParams({ _csrf: /name="_csrf" value="([^"]+)"/.exec(login.text)?.[1] ?? '' });
  const path = new URL(login.url).pathname;
  const back = await browser.go(`${path}?cancel`, { method: 'POST', body: form, headers: { origin: site.url } });
  const answer = new URL(back.url).searchParams;
  expect(answer.get('error')).toContain('denied');
  expect(answer.get('state')).toBe(state);
});

test('an LMS that is set up by the discovery document finds what it reads', async () => {
  const account = await site.anAccount();
  const document: Record<string, string> = Object(
    await (await fetch(`${site.url}/.well-known/openid-configuration`)).json(),
  );
  for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint'])
    expect(document[name]).toBeTruthy();
  const { token } = await site.oauth.registrationTokens.mint(account.id);
  const details = await fetch(document.userinfo_endpoint ?? '', { headers: { authorization: `Bearer ${token}` } });
  expect(details.status).toBe(200);
  expect(await details.json()).toMatchObject({ username: account.username, email: account.email, name: account.name });
});
