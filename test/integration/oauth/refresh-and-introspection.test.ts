import { afterAll, describe, expect, test } from 'vitest';
import type { AccountStatus } from '../../../src/entities/account.entity.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OidcArtifactEntity } from '../../../src/entities/oidc-artifact.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { type ClientCredentials, callbackUrl, startProviderSite } from '../../support/provider-site.js';
import {
  authorize,
  authorizePath,
  basic,
  bearer,
  exchange,
  get,
  inBody,
  introspect,
  obtainCode,
  obtainTokens,
  post,
} from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const refresh = (client: ClientCredentials, token: unknown, more: Record<string, string> = {}) =>
  post(`${site.url}/oauth2/token/`, {
    grant_type: 'refresh_token',
    refresh_token: String(token),
    ...inBody(client),
    ...more,
  });
const _revoke = (client: ClientCredentials, token: unknown) =>
  post(`${site.url}/oauth2/revoke_token/`, { token: String(token) }, basic(client));
const _me = (token: unknown) => get(`${site.url}/api/users/me`, bearer(token));
const _setStatus = (id: string, status: AccountStatus) =>
  site.orm.em.fork().nativeUpdate(AccountEntity, { id }, { status });

describe('the refresh token of a public client', () => {
  test('used by many at once gives one of them a new one', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC' });
    const tokens = await obtainTokens(site, client, account.username);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(client, tokens.refresh_token)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  test('of a client with a secret stays the same', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username);
    const again = await refresh(client, tokens.refresh_token);
    expect(again.body.refresh_token).toBe(tokens.refresh_token);
    expect(again.body.access_token).not.toBe(tokens.access_token);
  });
});

describe('a bearer token', () => {
  test('may come with the scheme word of Open edX', async () => {
    const account = await site.anAccount();
    const tokens = await obtainTokens(site, await site.aClient(), account.username, { scope: 'user:read' });
    const answer = await get(`${site.url}/api/users/me`, { authorization: `JWT ${tokens.access_token}` });
    expect(answer).toMatchObject({ status: 200, body: { username: account.username } });
  });
});

describe('introspection', () => {
  test('tells a client of its own tokens', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
    const { body } = await introspect(site, client, tokens.access_token);
    expect(body).toMatchObject({
      active: true,
      sub: account.id,
      username: account.username,
      client_id: client.clientId,
      scope: 'openid user:read',
      iss: site.url,
      exp: expect.any(Number),
    });
    expect(body).not.toHaveProperty('jti');
  });
});

test('tokens are stored as hashes only', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const tokens = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  const rows = await site.orm.em.fork().find(OidcArtifactEntity, {});
  const stored = JSON.stringify(rows);
  for (const secret of [tokens.access_token, tokens.refresh_token]) expect(stored).not.toContain(secret);
  expect(rows.map(({ model }) => model)).toEqual(
    expect.arrayContaining(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'Grant']),
  );
});

test('a scope that a client lost is gone from what the provider says of its tokens, in whichever form they are', async () => {
  const { username } = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, scopes: ['openid', 'email', 'user:read'] });
  const scope = 'openid email user:read';
  const opaque = await obtainTokens(site, client, username, { scope });
  const code = await obtainCode(site, client.clientId, username, { scope });
  const { body: jwt } = await exchange(site, client, code, { token_type: 'jwt' });
  const tokens = [opaque.access_token, opaque.refresh_token, jwt.access_token];
  const scopesOf = async (token: unknown) => String((await introspect(site, client, token)).body.scope);
  const tell = (token: unknown) => get(`${site.url}/oauth2/userinfo/`, bearer(token));
  for (const token of tokens)
    expect((await scopesOf(token)).split(' ').sort()).toEqual(['email', 'openid', 'user:read']);
  expect((await tell(opaque.access_token)).body).toMatchObject({ email: expect.any(String) });

  await site.clients.update(client.clientId, { scopes: ['openid', 'user:read'] }, systemActor);
  for (const token of tokens) expect((await scopesOf(token)).split(' ').sort()).toEqual(['openid', 'user:read']);

  await site.clients.update(client.clientId, { scopes: ['user:read'] }, systemActor);
  for (const token of tokens) expect(await scopesOf(token)).toBe('user:read');
  for (const token of [opaque.access_token, jwt.access_token])
    expect(await tell(token)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
});

test('a new redirect URI of a client asks nobody anew who allowed it something', async () => {
  const { username } = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, scopes: ['openid'] });
  const browser = site.newBrowser();
  expect(
    (await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), username)).get('code'),
  ).toBeTruthy();
  const other = `${callbackUrl}/other`;
  await site.clients.update(client.clientId, { redirectUris: [callbackUrl, other] }, systemActor);
  const page = await browser.go(authorizePath(client.clientId, { scope: 'openid', redirect_uri: other }));
  expect(page.url.startsWith(`${other}?code=`)).toBe(true);
});
