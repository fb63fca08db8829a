import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { publishChange } from '../../../src/changes/publish-change.js';
import { OAuthClientEntity } from '../../../src/entities/oauth-client.entity.js';
import type { ClientInput } from '../../../src/services/oauth-client/input.js';
import { eventually } from '../../support/eventually.js';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { authorizePath, inBody, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());
const actor = { accountId: null };
const statusWith = async (clientId: string, secret: string, url = site.url) =>
  (await post(`${url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody({ clientId, secret }) })).status;

const aService: ClientInput = { name: 'Service', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'] };
const aWebClient: ClientInput = {
  name: 'Web',
  type: 'CONFIDENTIAL',
  grantTypes: ['AUTHORIZATION_CODE'],
  redirectUris: [callbackUrl],
};

describe('a new client', () => {
  test('has an id and a secret of URL-safe characters; only a hash of the secret is kept', async () => {
    const { client, secret = '' } = await site.clients.create(aService, actor);
    expect(client.clientId).toMatch(/^c[A-Za-z0-9_-]{20}$/);
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const rows = await site.orm.em.fork().execute('select * from oauth_client_secret');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(await site.clients.secretsOf([client.id])).toMatchObject([{ hint: secret.slice(-4), expiresAt: null }]);
  });

  test('has no secret when it is public, or proves itself by a key', async () => {
    expect(await site.clients.create({ ...aWebClient, type: 'PUBLIC' }, actor)).not.toHaveProperty('secret');
  });

  test.each<[string, Partial<ClientInput>, string]>([
    ['no name', { name: '  ' }, 'name'],
    ['a name with a line break', { name: 'a\nb' }, 'name'],
    ['an unknown scope', { scopes: ['user:read', 'everything'] }, 'scopes'],
    ['no grant type', { grantTypes: [] }, 'grantTypes'],
    ['client credentials without a secret', { type: 'PUBLIC', grantTypes: ['CLIENT_CREDENTIALS'] }, 'grantTypes'],
    ['refresh tokens and nothing that gives them', { grantTypes: ['REFRESH_TOKEN'] }, 'grantTypes'],
    ['the code flow and no redirect URI', { grantTypes: ['AUTHORIZATION_CODE'] }, 'redirectUris'],
    ['redirect URIs and no code flow', { redirectUris: [callbackUrl] }, 'redirectUris'],
    ['an owner that does not act', { ...aWebClient, ownerId: '01a21000-0000-7000-8000-000000000000' }, 'ownerId'],
    ['an owner that does not exist', { ownerId: '01a21000-0000-7000-8000-000000000000' }, 'ownerId'],
    ...[
      'x',
      '/relative',
      'javascript:alert(1)',
      'http://a b/',
      'https://*.example.org/',
      'https://u:p@example.org/',
      `${callbackUrl}#x`,
    ].map((uri): [string, Partial<ClientInput>, string] => [
      `the redirect URI ${uri}`,
      { ...aWebClient, redirectUris: [uri] },
      'redirectUris',
    ]),
    [
      'a redirect URI with a query and redirect_state',
      { ...aWebClient, redirectUris: [`${callbackUrl}?x=y`], allowRedirectState: true },
      'redirectUris',
    ],
    ['a sign-out URI that is none', { ...aWebClient, postLogoutRedirectUris: ['x'] }, 'postLogoutRedirectUris'],
    ['a back channel that is none', { ...aWebClient, backchannelLogoutUri: 'ftp://x/' }, 'backchannelLogoutUri'],
    ['metadata the provider refuses', { metadata: { token_endpoint_auth_method: 'client_secret_jwt' } }, 'metadata'],
    ['a key that is none', { metadata: { token_endpoint_auth_method: 'private_key_jwt' } }, 'metadata'],
  ])('is refused with %s, naming the field', async (_what, input, field) => {
    const before = await site.orm.em.fork().count(OAuthClientEntity);
    await expect(site.clients.create({ ...aService, ...input }, actor)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: [field],
    });
    expect(await site.orm.em.fork().count(OAuthClientEntity)).toBe(before);
  });
});

describe('rotating a secret', () => {
  test('leaves the old one valid for a day', async () => {
    const { client, secret: old = '' } = await site.clients.create(aService, actor);
    const { secret } = await site.clients.rotateSecret(client.clientId, actor);
    await eventually('both open', async () => (await statusWith(client.clientId, secret)) === 200);
    expect(await statusWith(client.clientId, old)).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 });
    expect(await statusWith(client.clientId, old)).toBe(401);
    expect(await statusWith(client.clientId, secret)).toBe(200);
    expect(await site.clients.secretsOf([client.id])).toHaveLength(1);
  });

  test('can end the old one at once, in every process', async () => {
    await using other = await startProviderSite({ databaseUrl: site.config.database.url });
    const { client, secret: old = '' } = await site.clients.create(aService, actor);
    expect(await statusWith(client.clientId, old, other.url)).toBe(200);
    await site.clients.rotateSecret(client.clientId, actor, { overlapSeconds: 0 });
    for (const url of [site.url, other.url])
      await eventually('the old one is refused', async () => (await statusWith(client.clientId, old, url)) === 401, {
        deadlineMs: 2000,
      });
  });

  test('is refused for a client that has none, or is none', async () => {
    const { client } = await site.clients.create({ ...aWebClient, type: 'PUBLIC' }, actor);
    await expect(site.clients.rotateSecret(client.clientId, actor)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(site.clients.rotateSecret('nobody', actor)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('ensuring a client', () => {
  const spec = {
    ...aWebClient,
    clientId: 'given-id',
    secret: 'given-secret-1',
    grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'] as const,
  };

  test('keeps given id and secret, adds to secrets and, where it shall, to redirect URIs, and says what it did', async () => {
    expect((await site.clients.ensure(spec, actor)).outcome).toBe('created');
    expect((await site.clients.ensure(spec, actor)).outcome).toBe('unchanged');
    expect(await statusWith('given-id', 'given-secret-1')).toBe(200);
    const more = { ...spec, name: 'Renamed', redirectUris: ['https://other.example.org/cb'], secret: 'given-secret-2' };
    const changes = { outcome: 'updated', changed: ['name', 'redirectUris', 'secret'] };
    expect(await site.clients.ensure(more, actor, { keepsRedirectUris: true, isDryRun: true })).toEqual(changes);
    expect(await site.clients.findByClientId('given-id')).toMatchObject({ name: spec.name });
    expect(await site.clients.ensure(more, actor, { keepsRedirectUris: true })).toEqual(changes);
    expect(await site.clients.findByClientId('given-id')).toMatchObject({
      name: 'Renamed',
      redirectUris: [callbackUrl, 'https://other.example.org/cb'],
    });
    expect(await site.clients.ensure(more, actor)).toEqual({ outcome: 'updated', changed: ['redirectUris'] });
    for (const secret of ['given-secret-1', 'given-secret-2'])
      await eventually(`${secret} opens`, async () => (await statusWith('given-id', secret)) === 200);
  });

  test('at the same time makes one', async () => {
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(async () => (await site.clients.ensure({ ...spec, clientId: 'raced' }, actor)).outcome),
    );
    expect(outcomes.sort()).toEqual(['created', 'unchanged', 'unchanged', 'unchanged']);
    const client = await site.clients.findByClientId('raced');
    expect(await site.clients.secretsOf([client?.id ?? ''])).toHaveLength(1);
  });

  test('refuses ids and secrets that would not survive the wire', async () => {
    await expect(site.clients.ensure({ ...spec, clientId: 'a b' }, actor)).rejects.toMatchObject({
      field: ['clientId'],
    });
    await expect(site.clients.ensure({ ...spec, secret: 'short' }, actor)).rejects.toMatchObject({ field: ['secret'] });
  });
});

test('clients are listed by pages and found by id', async () => {
  const { client } = await site.clients.create(aService, actor);
  const page = await site.clients.list({ size: 1, fromEnd: true });
  expect(page.rows.map(({ id }) => id)).toEqual([client.id]);
  expect(await site.clients.findByIds([client.id])).toHaveLength(1);
  expect(await site.clients.findByClientIds([client.clientId, 'nobody'])).toHaveLength(1);
  expect(await site.clients.findByClientId('nobody')).toBeNull();
});

test('a client that changes is read anew by every process', async () => {
  const { client } = await site.clients.create({ ...aWebClient, requirePkce: false }, actor);
  const page = () =>
    site.newBrowser().visit(authorizePath(client.clientId, { redirect_uri: 'https://new.example.org/' }));
  expect((await page()).status).toBe(400);
  const em = site.orm.em.fork();
  await em.nativeUpdate(OAuthClientEntity, { id: client.id }, { redirectUris: ['https://new.example.org/'] });
  await publishChange(em, { topic: 'oauth-client', clientId: client.clientId });
  await eventually('the new address is taken', async () => (await page()).status === 303);
});

test('the use of a secret is noted now and then, not each time', async () => {
  const { client, secret = '' } = await site.clients.create(aService, actor);
  const lastUse = async () => (await site.clients.secretsOf([client.id]))[0]?.lastUsedAt?.getTime();
  await statusWith(client.clientId, secret);
  const first = await eventually('it is noted', lastUse);
  await statusWith(client.clientId, secret);
  await statusWith(client.clientId, secret);
  expect(await lastUse()).toBe(first);
});

test('secrets of the process can be exchanged: what an older one hashed and sealed moves to the newest with use', async () => {
  const oldKey = 'an-older-secret-key-of-32-characters-or-more';
  const newKey = 'a-newer-secret-key-of-32-characters-or-more!';
  await using before = await startProviderSite({ env: { PORTICO_SECRET_KEYS: oldKey } });
  const { client, secret = '' } = await before.clients.create(aService, actor);
  const databaseUrl = before.config.database.url;
  const hash = async () => (await before.clients.secretsOf([client.id]))[0]?.hash;
  const oldHash = await hash();
  await using during = await startProviderSite({ databaseUrl, env: { PORTICO_SECRET_KEYS: `${newKey},${oldKey}` } });
  expect(await statusWith(client.clientId, secret, during.url)).toBe(200);
  await eventually('the secret is hashed anew', async () => (await hash()) !== oldHash);
  await using after = await startProviderSite({ databaseUrl, env: { PORTICO_SECRET_KEYS: newKey } });
  expect(await statusWith(client.clientId, secret, after.url)).toBe(200);
  const keysAt = async (url: string) => (await (await fetch(`${url}/oauth2/jwks`)).json()) as unknown;
  expect(await keysAt(after.url)).toEqual(await keysAt(before.url));
});
