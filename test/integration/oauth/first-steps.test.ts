import { expect, test } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { bearer, get, inBody, obtainTokens, post } from './clients.js';

test('a service gets a token of its own and acts as its owner', async () => {
  await using site = await startProviderSite();
  const owner = await site.anAccount({ username: 'alice' });
  const client = await site.aClient({
    grantTypes: ['CLIENT_CREDENTIALS'],
    ownerId: owner.id,
    scopes: ['user:read', 'learning:read'],
  });
  const token = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client) });
  expect(token).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', expires_in: 3600, scope: 'user:read learning:read' },
  });
  const me = await get(`${site.url}/api/users/me`, bearer(token.body.access_token));
  expect(me).toMatchObject({ status: 200, body: { username: 'alice', id: owner.id } });
});

test('a person signs in, allows a client what it asks for, and the client gets tokens', async () => {
  await using site = await startProviderSite();
  const account = await site.anAccount({ username: 'alice' });
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, 'alice', { scope: 'openid profile email' });
  expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email' });
  expect(tokens.refresh_token).toBeTypeOf('string');
  const info = await get(`${site.url}/oauth2/userinfo/`, bearer(tokens.access_token));
  expect(info.body).toEqual({
    sub: account.id,
    name: 'Alice Liddell',
    given_name: 'Alice',
    family_name: 'Liddell',
    preferred_username: 'alice',
    updated_at: expect.any(Number),
    email: 'alice@example.org',
    email_verified: true,
  });
});
