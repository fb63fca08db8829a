/** Pairwise names of people (OpenID Connect Core 8). */
import { createServer, type Server } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import type { ClientInput } from '../../../src/services/oauth-client/input.js';
import { eventually } from '../../support/eventually.js';
import { type ClientCredentials, type ProviderSite, startProviderSite } from '../../support/provider-site.js';
import { authorize, authorizePath, bearer, exchange, get, inBody, introspect, obtainTokens, post } from './clients.js';

const callback = 'http://client.localhost:9000/callback';
let site: ProviderSite;
/** What clients were told of sign-outs. */
const notices: string[] = [];
let listener: Server;
let noticesUrl: string;
beforeAll(async () => {
  listener = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      notices.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.end();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  noticesUrl = `http://127.0.0.1:${address instanceof Object ? address.port : 0}/signed-out`;
  site = await startProviderSite({ env: { PORTICO_ALLOW_LOOPBACK_CALLBACKS: 'true' } });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  listener.close();
});

const aPairwiseClient = (more: Partial<ClientInput> = {}) =>
  site.aClient({
    subjectType: 'PAIRWISE',
    scopes: ['openid', 'profile'],
    skipConsent: true,
    requirePkce: false,
    ...more,
  });

async function subOf(client: ClientCredentials, username: string, redirectUri = callback): Promise<unknown> {
  const tokens = await signIn(client, username, redirectUri);
  return decodeJwt(String(tokens.id_token)).sub;
}

async function signIn(client: ClientCredentials, username: string, redirectUri = callback) {
  const path = authorizePath(client.clientId, { redirect_uri: redirectUri, scope: 'openid profile' });
  const answer = await authorize(site.newBrowser(), path, username);
  const more = { redirect_uri: redirectUri };
  return (await exchange(site, client, answer.get('code') ?? '', more)).body;
}

describe('a client with pairwise names', () => {
  test('is told the same name of a person everywhere, which is not the account, and no username', async () => {
    const { id, username } = await site.anAccount();
    const client = await aPairwiseClient({ backchannelLogoutUri: noticesUrl });
    const browser = site.newBrowser();
    const answer = await authorize(browser, authorizePath(client.clientId, { scope: 'openid profile' }), username);
    const { body: tokens } = await exchange(site, client, answer.get('code') ?? '');
    const { sub } = decodeJwt(String(tokens.id_token));
    expect(sub).toMatch(/^[0-9a-f]{32}$/);
    const { body: userinfo } = await get(`${site.url}/oauth2/userinfo`, bearer(tokens.access_token));
    expect(userinfo).toMatchObject({ sub, name: expect.any(String) });
    const { body: introspected } = await introspect(site, client, tokens.access_token);
    expect(introspected).toMatchObject({ active: true, sub });
    const { body: refreshed } = await post(`${site.url}/oauth2/token/`, {
      grant_type: 'refresh_token',
      refresh_token: String(tokens.refresh_token),
      ...inBody(client),
    });
    expect(decodeJwt(String(refreshed.id_token)).sub).toBe(sub);
    for (const told of [userinfo, introspected, tokens, refreshed]) {
      expect(JSON.stringify(told)).not.toContain(username);
      expect(JSON.stringify(told)).not.toContain(id);
    }
    await site.oauth.signIn.revokeAll(id);
    const notice = await eventually('the client is told of the sign-out', async () => notices.shift());
    expect(decodeJwt(notice)).toMatchObject({ sub, aud: client.clientId });
  });

  test('shares names with the others of its host, and with nobody else', async () => {
    const { id, username } = await site.anAccount();
    const [one, sameHost] = [await aPairwiseClient(), await aPairwiseClient({ name: 'Beside' })];
    const elsewhere = 'http://client.localhost:9001/callback';
    const other = await aPairwiseClient({ redirectUris: [elsewhere] });
    const publicOne = await aPairwiseClient({ subjectType: 'PUBLIC' });
    const sub = await subOf(one, username);
    expect(await subOf(sameHost, username)).toBe(sub);
    expect(await subOf(other, username, elsewhere)).not.toBe(sub);
    expect(await subOf(publicOne, username)).toBe(id);
    expect(await subOf(one, (await site.anAccount()).username)).not.toBe(sub);
  });

  test('gets no token that tells the username, even when it asks for one', async () => {
    const { username } = await site.anAccount();
    const client = await aPairwiseClient();
    const path = authorizePath(client.clientId, { scope: 'openid profile' });
    const answer = await authorize(site.newBrowser(), path, username);
    const { body } = await exchange(site, client, answer.get('code') ?? '', { token_type: 'jwt' });
    expect(body).toMatchObject({ token_type: 'Bearer', access_token: expect.not.stringContaining('.') });
  });

  test('gets no username and no address by the claims parameter either', async () => {
    const { username } = await site.anAccount();
    const client = await aPairwiseClient();
    const names = { username: null, preferred_username: { essential: true }, email: { essential: true }, name: null };
    const claims = JSON.stringify({ id_token: names, userinfo: names });
    const path = authorizePath(client.clientId, { redirect_uri: callback, scope: 'openid', claims });
    const answer = await authorize(site.newBrowser(), path, username);
    const { body } = await exchange(site, client, answer.get('code') ?? '', { redirect_uri: callback });
    const { body: person } = await get(`${site.url}/oauth2/userinfo`, bearer(body.access_token));
    const told = decodeJwt(String(body.id_token));
    expect(person).toEqual({ sub: told.sub, name: told.name });
    expect(told.name).toBeTypeOf('string');
    for (const name of ['username', 'preferred_username', 'email']) expect(told).not.toHaveProperty(name);
  });

  test('can still be asked for the person by an id_token_hint', async () => {
    const { username } = await site.anAccount();
    const client = await aPairwiseClient();
    const browser = site.newBrowser();
    const path = authorizePath(client.clientId, { scope: 'openid profile' });
    const { body } = await exchange(site, client, (await authorize(browser, path, username)).get('code') ?? '');
    const hinted = { scope: 'openid', prompt: 'none', id_token_hint: String(body.id_token) };
    const page = await browser.go(authorizePath(client.clientId, hinted));
    expect(new URL(page.url).searchParams.get('code')).toEqual(expect.any(String));
  });
});

test('both discovery documents list both types', async () => {
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const { body } = await get(`${site.url}/.well-known/${name}`);
    expect(body.subject_types_supported).toEqual(['public', 'pairwise']);
  }
});

describe('what does not fit together is refused when it is registered:', () => {
  const hosts = ['https://one.example.org/callback', 'https://two.example.org/callback'];

  test.each(['user:read', 'email', 'user_id'])(
    'a pairwise client with %s, which tells who somebody is',
    async (scope) => {
      await expect(aPairwiseClient({ scopes: ['openid', scope] })).rejects.toMatchObject({ reason: 'REVEALS_ACCOUNT' });
    },
  );

  test('a pairwise client with the scope that comes of itself, or with tokens in JWT form', async () => {
    await expect(aPairwiseClient({ scopes: [] })).rejects.toMatchObject({ reason: 'REVEALS_ACCOUNT' });
    await expect(aPairwiseClient({ tokenFormat: 'JWT' })).rejects.toMatchObject({ field: ['tokenFormat'] });
  });

  test('several hosts without a sector identifier URI, and one that is not https', async () => {
    await expect(aPairwiseClient({ redirectUris: hosts })).rejects.toMatchObject({ reason: 'INVALID_METADATA' });
    const plain = aPairwiseClient({ redirectUris: hosts, sectorIdentifierUri: 'http://one.example.org/sector.json' });
    await expect(plain).rejects.toMatchObject({ field: ['sectorIdentifierUri'] });
  });

  test('a client without any host', async () => {
    const service = aPairwiseClient({
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['learning:read'],
      redirectUris: [],
    });
    await expect(service).rejects.toMatchObject({ field: ['sectorIdentifierUri'], reason: 'REQUIRED' });
  });

  test.each(['com.example.reader:/callback', 'http://127.0.0.1/callback'])(
    'a native app whose redirect URI has no host of its own, and would share names with every other such app: %s',
    async (redirectUri) => {
      const app = aPairwiseClient({ redirectUris: [redirectUri], metadata: { application_type: 'native' } });
      await expect(app).rejects.toMatchObject({ field: ['sectorIdentifierUri'], reason: 'REQUIRED' });
    },
  );

  test.each(['https://127.0.0.1:1/sector.json', 'https://10.0.0.1/sector.json', 'https://[::1]:1/sector.json'])(
    'a sector identifier URI that cannot be looked up, which addresses of our own network never are: %s',
    async (sectorIdentifierUri) => {
      await expect(aPairwiseClient({ redirectUris: hosts, sectorIdentifierUri })).rejects.toMatchObject({
        field: ['sectorIdentifierUri'],
      });
    },
  );
});

test('a change to pairwise names is one that every process hears of, and back', async () => {
  const { id, username } = await site.anAccount();
  const client = await site.aClient({ scopes: ['openid'], skipConsent: true, requirePkce: false });
  const sub = async () =>
    decodeJwt(String((await obtainTokens(site, client, username, { scope: 'openid' })).id_token)).sub;
  expect(await sub()).toBe(id);
  await site.clients.update(client.clientId, { subjectType: 'PAIRWISE' }, systemActor);
  await eventually('the name is pairwise', async () => (await sub()) !== id);
  await site.clients.update(client.clientId, { name: 'Renamed' }, systemActor);
  expect((await site.clients.findByClientId(client.clientId))?.metadata.subject_type).toBe('pairwise');
  await site.clients.update(client.clientId, { subjectType: 'PUBLIC' }, systemActor);
  await eventually('the name is that of all', async () => (await sub()) === id);
});
