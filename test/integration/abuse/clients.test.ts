import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { askGraph, dataOf } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { startProviderSite } from '../../support/provider-site.js';

let site: GraphSite;
let root: Account;
beforeAll(async () => {
  site = await startGraphSite();
  root = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
});
afterAll(() => site[Symbol.asyncDispose]());

const creation =
  'mutation ($input: CreateOAuthClientInput!) { createOAuthClient(input: $input) { secret userErrors { code } } }';
const rotation = 'mutation ($clientId: String!) { rotateOAuthClientSecret(input: { clientId: $clientId }) { secret } }';
const service = { name: 'x', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'] };
const forbidden = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };

test('a token does not reach further by a client that its holder makes', async () => {
  const caller = await site.caller(root, 'clients:admin learning:read');
  const ownerId = toGlobalId('Account', root.id);
  const ask = (input: object) => askGraph(caller, creation, { input: { ...service, ...input } });
  expect(await ask({ ownerId, scopes: ['accounts:write'] })).toMatchObject(forbidden);
  // Without scopes it has the default one, which the token lacks as well.
  expect(await ask({ ownerId })).toMatchObject(forbidden);
  const unasked = {
    grantTypes: ['AUTHORIZATION_CODE'],
    redirectUris: ['https://a.example/'],
    skipConsent: true,
    scopes: ['learning:write'],
  };
  expect(await ask(unasked)).toMatchObject(forbidden);
  expect(await ask({ ...unasked, skipConsent: false })).toMatchObject({
    data: { createOAuthClient: { userErrors: [] } },
  });
  expect(await ask({ ownerId, scopes: ['learning:read'] })).toMatchObject({
    data: { createOAuthClient: { userErrors: [] } },
  });
});

test('nor by the secret of a client that is there', async () => {
  const { client } = await site.gateway.context.services.oauthClients.create(
    {
      ...service,
      type: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['accounts:write'],
      ownerId: root.id,
    },
    systemActor,
  );
  const { clientId } = client;
  const weak = await site.caller(root, 'clients:admin');
  expect(await askGraph(weak, rotation, { clientId })).toMatchObject(forbidden);
  const strong = await site.caller(root, 'clients:admin accounts:write');
  expect(await dataOf(askGraph(strong, rotation, { clientId }))).toMatchObject({
    rotateOAuthClientSecret: { secret: expect.any(String) },
  });
});

test('a site on https sends codes to https, or to the person’s own machine', async () => {
  await using secure = await startProviderSite({ env: { PORTICO_PUBLIC_URL: 'https://portico.example.edu' } });
  const create = (uri: string) => secure.aClient({ redirectUris: [uri] });
  for (const uri of [
    'http://school.example/callback',
    'http://localhost.evil.example/',
    'http://127.0.0.1.evil.example/',
  ])
    await expect(create(uri), uri).rejects.toMatchObject({ reason: 'INSECURE_URI' });
  for (const uri of [
    'https://school.example/callback',
    'http://localhost:3000/',
    'http://127.0.0.1:3000/',
    'http://[::1]/',
  ])
    await create(uri);
});

test('no scheme that runs or reads something is an address to return to', async () => {
  await using other = await startProviderSite();
  for (const uri of [
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/1',
  ])
    for (const metadata of [{}, { application_type: 'native' }])
      await expect(other.aClient({ redirectUris: [uri], metadata }), uri).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
});
