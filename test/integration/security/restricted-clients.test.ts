/** Lines 43 and 44 of the security checklist: restricted clients. */
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, expect, test } from 'vitest';
import type { ClientRestriction } from '../../../src/entities/oauth-client.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { type ClientCredentials, startProviderSite } from '../../support/provider-site.js';
import { bearer, exchange, get, inBody, introspect, obtainCode, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const restrict = (client: ClientCredentials, mode: ClientRestriction['mode']) =>
  site.clients.restrict(client.clientId, { mode, organizations: [], providers: [], scopes: [] }, systemActor);
const own = (client: ClientCredentials, form: Record<string, string> = {}) =>
  post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client), ...form });
const me = async (token: unknown, scheme = 'Bearer') =>
  (await get(`${site.url}/api/users/me`, { authorization: `${scheme} ${token}` })).status;
const askGraph = async (token: unknown, scheme: string) => {
  const response = await fetch(`${site.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `${scheme} ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { username } }' }),
  });
  return response.text();
};

test('D43: a restricted client gets an opaque token that has expired, or a JWT that says so and is signed apart', async () => {
  const owner = await site.anAccount();
  const service = () =>
    site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id, scopes: ['user:read', 'learning:read'] });
  const ordinary = await own(await service(), { token_type: 'jwt' });
  const keySet = createRemoteJWKSet(new URL(`${site.url}/oauth2/jwks`));
  for (const mode of ['SSO_ONLY', 'SCOPED_JWT'] as const) {
    const client = await service();
    await restrict(client, mode);
    const opaque = await own(client);
    expect(opaque, mode).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', access_token: expect.any(String) },
    });
    expect(opaque.body.expires_in, mode).toBeLessThan(0);
    expect((await introspect(site, client, opaque.body.access_token)).body, mode).toEqual({ active: false });
    for (const scheme of ['Bearer', 'JWT']) expect(await me(opaque.body.access_token, scheme), mode).toBe(401);

    const jwt = await own(client, { token_type: 'jwt' });
    const { payload, protectedHeader } = await jwtVerify(String(jwt.body.access_token), keySet, { issuer: site.url });
    expect(payload, mode).toMatchObject({ is_restricted: true });
    expect(protectedHeader.kid, mode).not.toBe(decodeProtectedHeader(String(ordinary.body.access_token)).kid);
  }
});

test('D44: a restricted JWT is refused wherever scopes are not enforced', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, scopes: ['openid', 'user:read'] });
  await restrict(client, 'SCOPED_JWT');
  const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
  const { body } = await exchange(site, client, code, { token_type: 'jwt' });
  for (const scheme of ['Bearer', 'JWT']) expect(await me(body.access_token, scheme)).toBe(200);
  const info = await get(`${site.url}/oauth2/userinfo`, bearer(body.access_token));
  expect(info.status).toBe(401);
  expect(info.headers.get('www-authenticate')).toContain('invalid_token');
  const identity = await site.aClient({ requirePkce: false, scopes: ['openid', 'user:read'] });
  await restrict(identity, 'SSO_ONLY');
  const other = await obtainCode(site, identity.clientId, account.username, { scope: 'openid user:read' });
  const { body: identityOnly } = await exchange(site, identity, other, { token_type: 'jwt' });
  for (const scheme of ['Bearer', 'JWT']) {
    expect(await me(identityOnly.access_token, scheme)).toBe(401);
    expect(await askGraph(identityOnly.access_token, scheme)).not.toContain(account.username);
  }
  expect((await get(`${site.url}/oauth2/userinfo`, bearer(identityOnly.access_token))).status).toBe(401);
});
