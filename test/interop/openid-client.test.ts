import * as oidc from 'openid-client';
import { afterAll, expect, test } from 'vitest';
import { callbackUrl, startProviderSite, testPassword } from '../support/provider-site.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const discover = (clientId: string, secret?: string, method?: oidc.ClientAuth) =>
  oidc.discovery(new URL(site.url), clientId, secret, method, { execute: [oidc.allowInsecureRequests] });

/** What a person does in between. @returns the address that the browser ends at */
async function signIn(url: URL, username: string): Promise<URL> {
  const browser = site.newBrowser();
  let page = await browser.go(url.href);
  page = await browser.submit({ identifier: username, password: testPassword });
  if (page.status === 200) page = await browser.submit({ decision: 'allow' });
  return new URL(page.url);
}

test.each([
  ['a public client', { type: 'PUBLIC' as const }],
  ['a client with a secret', { type: 'CONFIDENTIAL' as const }],
])('%s signs in with PKCE, reads user info, refreshes and revokes', async (_what, input) => {
  const account = await site.anAccount();
  const { clientId, secret } = await site.aClient(input);
  const config = await discover(clientId, secret || undefined, secret ? undefined : oidc.None());
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callbackUrl,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const tokens = await oidc.authorizationCodeGrant(config, await signIn(url, account.username), {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  expect(tokens.claims()?.sub).toBe(account.id);
  const info = await oidc.fetchUserInfo(config, tokens.access_token, account.id);
  expect(info).toMatchObject({ preferred_username: account.username, email: account.email });
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(refreshed.claims()?.sub).toBe(account.id);
  await oidc.tokenRevocation(config, refreshed.access_token);
  await expect(oidc.fetchUserInfo(config, refreshed.access_token, account.id)).rejects.toThrow();
});

test('client credentials, introspection and a pushed request', async () => {
  const owner = await site.anAccount();
  const service = await site.aClient({
    grantTypes: ['CLIENT_CREDENTIALS'],
    ownerId: owner.id,
    scopes: ['learning:read'],
  });
  const config = await discover(service.clientId, undefined, oidc.ClientSecretBasic(service.secret));
  const token = await oidc.clientCredentialsGrant(config, { scope: 'learning:read' });
  expect(await oidc.tokenIntrospection(config, token.access_token)).toMatchObject({
    active: true,
    scope: 'learning:read',
    username: owner.username,
  });

  const web = await site.aClient();
  const webConfig = await discover(web.clientId, web.secret);
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const url = await oidc.buildAuthorizationUrlWithPAR(webConfig, {
    redirect_uri: callbackUrl,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  const back = await signIn(url, owner.username);
  const tokens = await oidc.authorizationCodeGrant(webConfig, back, { pkceCodeVerifier: codeVerifier });
  expect(tokens.claims()?.sub).toBe(owner.id);
});
