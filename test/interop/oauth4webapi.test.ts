import * as oauth from 'oauth4webapi';
import { afterAll, expect, test } from 'vitest';
import { callbackUrl, startProviderSite, testPassword } from '../support/provider-site.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const insecure = { [oauth.allowInsecureRequests]: true };

async function discover(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(site.url);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
}

test('the strict client of RFC texts signs in with PKCE, refreshes, introspects and revokes', async () => {
  const account = await site.anAccount();
  const { clientId, secret } = await site.aClient();
  const server = await discover();
  const client: oauth.Client = { client_id: clientId };
  const authentication = oauth.ClientSecretBasic(secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: callbackUrl,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).toString();
  const browser = site.newBrowser();
  await browser.go(url.href);
  await browser.submit({ identifier: account.username, password: testPassword });
  const back = await browser.submit({ decision: 'allow' });

  const answer = oauth.validateAuthResponse(server, client, new URL(back.url), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    answer,
    callbackUrl,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe(account.id);

  const info = await oauth.processUserInfoResponse(
    server,
    client,
    account.id,
    await oauth.userInfoRequest(server, client, tokens.access_token, insecure),
  );
  expect(info).toMatchObject({ email: account.email, email_verified: true });
  const refreshed = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '', insecure),
  );
  const introspect = async (token: string) =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, authentication, token, insecure),
    );
  expect(await introspect(refreshed.access_token)).toMatchObject({ active: true, username: account.username });
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, authentication, tokens.refresh_token ?? '', insecure),
  );
  expect(await introspect(refreshed.access_token)).toEqual({ active: false });
});
