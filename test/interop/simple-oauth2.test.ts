import { AuthorizationCode, ClientCredentials } from 'simple-oauth2';
import { afterAll, expect, test } from 'vitest';
import { authorize, bearer, get } from '../integration/oauth/clients.js';
import { callbackUrl, startProviderSite } from '../support/provider-site.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const auth = { tokenHost: site.url, tokenPath: '/oauth2/token/', revokePath: '/oauth2/revoke_token/' };
const me = async (token: unknown) => (await get(`${site.url}/api/users/me`, bearer(token))).body;

test.each(['header', 'body'] as const)('a person signs in for a client whose secret is in the %s', async (method) => {
  const { username } = await site.anAccount();
  const { clientId, secret } = await site.aClient({ requirePkce: false });
  const flow = new AuthorizationCode({
    client: { id: clientId, secret },
    auth: { ...auth, authorizePath: '/oauth2/authorize/' },
    // A revocation is answered without content (RFC 7009, 2.2); by default this library takes nothing but JSON.
    http: { json: true },
    options: { authorizationMethod: method },
  });
  const url = flow.authorizeURL({ redirect_uri: callbackUrl, scope: ['openid', 'user:read'], state: 'a-state' });
  const answer = await authorize(site.newBrowser(), url, username);
  expect(answer.get('state')).toBe('a-state');
  const tokens = await flow.getToken({ code: answer.get('code') ?? '', redirect_uri: callbackUrl });
  expect(tokens.expired()).toBe(false);
  expect(await me(tokens.token.access_token)).toMatchObject({ username });
  const refreshed = await tokens.refresh();
  expect(refreshed.token.access_token).not.toBe(tokens.token.access_token);
  await refreshed.revokeAll();
  expect((await get(`${site.url}/api/users/me`, bearer(refreshed.token.access_token))).status).toBe(401);
});

test('a service gets a token of its own', async () => {
  const owner = await site.anAccount();
  const { clientId, secret } = await site.aClient({
    grantTypes: ['CLIENT_CREDENTIALS'],
    ownerId: owner.id,
    scopes: ['user:read'],
  });
  const service = new ClientCredentials({ client: { id: clientId, secret }, auth });
  const { token } = await service.getToken({ scope: 'user:read' });
  expect(token).toMatchObject({ token_type: 'Bearer', scope: 'user:read' });
  expect(await me(token.access_token)).toMatchObject({ username: owner.username });
});
