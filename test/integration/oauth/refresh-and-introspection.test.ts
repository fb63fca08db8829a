import { afterAll, describe, expect, test } from 'vitest';
import type { AccountStatus } from '../../../src/entities/account.entity.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OidcArtifactEntity } from '../../../src/entities/oidc-artifact.entity.js';
import { type ClientCredentials, startProviderSite } from '../../support/provider-site.js';
import { basic, bearer, get, inBody, introspect, obtainTokens, post } from './clients.js';

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
