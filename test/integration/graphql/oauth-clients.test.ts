import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let root: GraphCaller & { token: string };
let rootId: string;
beforeAll(async () => {
  site = await startGraphSite();
  const account = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  rootId = account.id;
  root = await site.caller(account, `${staffScope} user:read`);
});
afterAll(() => site[Symbol.asyncDispose]());

interface Payload {
  client?: Record<string, unknown> & { clientId: string; id: string };
  userErrors: { code: string; field: string[] | null }[];
  [field: string]: unknown;
}

async function run(name: string, input: Record<string, unknown>, fields = 'client { id clientId }', caller = root) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code field } } }`;
  const { data, errors } = await askGraph<Record<string, Payload>>(caller, query, { input });
  const payload = data?.[name];
  if (!payload) throw new Error(JSON.stringify(errors));
  return payload;
}

async function aClient(input: Record<string, unknown> = {}) {
  const { client, secret } = await run(
    'createOAuthClient',
    { name: 'A service', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'], ...input },
    'client { id clientId } secret',
  );
  return { clientId: String(client?.clientId), secret: String(secret) };
}

async function token({ clientId, secret }: { clientId: string; secret: string }, form: Record<string, string> = {}) {
  const answer = await fetch(`${site.url}/oauth2/token/`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      ...form,
    }),
  });
  const body: unknown = await answer.json();
  return { status: answer.status, body: Object(body) as Record<string, unknown> };
}

async function clientFields(clientId: string, fields: string) {
  const { data, errors } = await askGraph<{ oauthClient: Record<string, unknown> }>(
    root,
    `query ($clientId: String!) { oauthClient(clientId: $clientId) { ${fields} } }`,
    { clientId },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.oauthClient;
}

describe('updateOAuthClient', () => {
  test('changes what is given and leaves the rest, and the provider follows', async () => {
    const client = await aClient();
    expect((await token(client, { scope: 'learning:read' })).body.error).toBe('invalid_scope');
    const fields = 'client { name scopes tokenFormat grantTypes owner { username } }';
    const ownerId = (await askGraph<{ viewer: { id: string } }>(root, '{ viewer { id } }')).data?.viewer.id;
    const { client: changed } = await run(
      'updateOAuthClient',
      { clientId: client.clientId, scopes: ['user:read', 'learning:read'], ownerId, name: null },
      fields,
    );
    expect(changed).toEqual({
      name: 'A service',
      scopes: ['user:read', 'learning:read'],
      tokenFormat: 'OPAQUE',
      grantTypes: ['CLIENT_CREDENTIALS'],
      owner: { username: 'root' },
    });
    await expect.poll(async () => (await token(client, { scope: 'learning:read' })).status).toBe(200);
    expect(
      (await run('updateOAuthClient', { clientId: client.clientId, ownerId: null }, fields)).client?.owner,
    ).toBeNull();
  });

  test('refuses what the provider could not work with, and what is not there', async () => {
    const { clientId } = await aClient();
    expect((await run('updateOAuthClient', { clientId, scopes: ['everything'] })).userErrors).toMatchObject([
      { code: 'UNKNOWN_SCOPE', field: ['scopes'] },
    ]);
    expect((await run('updateOAuthClient', { clientId, redirectUris: ['http://x/'] })).userErrors).toMatchObject([
      { field: ['redirectUris'] },
    ]);
    expect((await run('updateOAuthClient', { clientId: 'nobody', name: 'x' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });
});

test('revokeOAuthClientSecret ends one secret at once, while the other goes on', async () => {
  const client = await aClient();
  const { secret } = await run('rotateOAuthClientSecret', { clientId: client.clientId }, 'secret');
  expect((await token(client)).status).toBe(200);
  const secrets = (await clientFields(client.clientId, 'secrets { id hint }')).secrets as {
    id: string;
    hint: string;
  }[];
  const old = secrets.find(({ hint }) => client.secret.endsWith(hint));
  const ended = await run(
    'revokeOAuthClientSecret',
    { clientId: client.clientId, secretId: old?.id },
    'client { secrets { id } }',
  );
  expect(ended.client?.secrets).toHaveLength(1);
  await expect.poll(async () => (await token(client)).status).toBe(401);
  expect((await token({ ...client, secret: String(secret) })).status).toBe(200);
  for (const secretId of [old?.id, 'nonsense'])
    expect((await run('revokeOAuthClientSecret', { clientId: client.clientId, secretId })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
});

test('restrictOAuthClient holds a client to restricted tokens until unrestrictOAuthClient', async () => {
  const client = await aClient({ scopes: ['user:read', 'learning:read'] });
  const { client: restricted } = await run(
    'restrictOAuthClient',
    { clientId: client.clientId, mode: 'SCOPED_JWT', organizations: ['DemoU'], scopes: ['learning:read'] },
    'client { restriction { mode organizations providers scopes } }',
  );
  expect(restricted?.restriction).toEqual({
    mode: 'SCOPED_JWT',
    organizations: ['DemoU'],
    providers: [],
    scopes: ['learning:read'],
  });
  await expect.poll(async () => (await token(client, { scope: 'user:read' })).body.error).toBe('invalid_scope');
  expect((await token(client)).body.expires_in).toBeLessThan(0);
  const { body } = await token(client, { token_type: 'jwt' });
  for (const scheme of ['JWT', 'Bearer']) {
    const answer = await fetch(`${site.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `${scheme} ${body.access_token}` },
      body: JSON.stringify({ query: '{ viewer { username } }' }),
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  }
  expect(
    (await run('unrestrictOAuthClient', { clientId: client.clientId }, 'client { restriction { mode } }')).client,
  ).toEqual({
    restriction: null,
  });
  await expect.poll(async () => (await token(client)).body.expires_in).toBe(3600);
  expect(
    (await run('restrictOAuthClient', { clientId: client.clientId, mode: 'SSO_ONLY', scopes: ['clients:admin'] }))
      .userErrors,
  ).toMatchObject([{ code: 'UNKNOWN_SCOPE', field: ['scopes'] }]);
});

test('a client set up for JWTs opens the graph with either scheme word, until revokeOAuthClientTokens', async () => {
  const { data } = await askGraph<{ viewer: { id: string } }>(root, '{ viewer { id } }');
  const client = await aClient({ tokenFormat: 'JWT', ownerId: data?.viewer.id });
  const { body } = await token(client);
  const ask = async (scheme: string) => {
    const answer = await fetch(`${site.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `${scheme} ${body.access_token}` },
      body: JSON.stringify({ query: '{ viewer { username } }' }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  for (const scheme of ['JWT', 'Bearer'])
    expect(await ask(scheme)).toMatchObject({ status: 200, body: { data: { viewer: { username: 'root' } } } });
  expect((await run('revokeOAuthClientTokens', { clientId: client.clientId }, 'revoked')).revoked).toBe(1);
  expect((await ask('JWT')).status).toBe(401);
});

describe('a client that proves itself by keys', () => {
  const keySet = async (algorithm = 'ES256') => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const [open, secret] = await Promise.all([publicKey, privateKey].map((key) => exportJWK(key)));
    return { open: JSON.stringify({ keys: [open] }), secret: JSON.stringify({ keys: [secret] }) };
  };
  const bank = {
    name: 'Bank',
    type: 'CONFIDENTIAL',
    grantTypes: ['AUTHORIZATION_CODE'],
    redirectUris: ['http://client.localhost/callback'],
  };
  const fields = 'client { clientId securityProfile } secret';

  test('can be held to FAPI 2.0, and let go', async () => {
    const { open } = await keySet();
    const made = await run('createOAuthClient', { ...bank, securityProfile: 'FAPI2', jwks: open }, fields);
    expect(made).toMatchObject({ client: { securityProfile: 'FAPI2' }, secret: null, userErrors: [] });
    const clientId = made.client?.clientId;
    const change = { clientId, securityProfile: 'STANDARD', jwksUri: 'https://client.localhost/jwks' };
    expect(await run('updateOAuthClient', change, 'client { securityProfile }')).toMatchObject({
      client: { securityProfile: 'STANDARD' },
      userErrors: [],
    });
    const row = await site.gateway.context.services.oauthClients.findByClientId(String(clientId));
    expect(row?.metadata).toEqual({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://client.localhost/jwks',
    });
  });

  test('needs public keys, given once', async () => {
    const { open, secret } = await keySet();
    const refusal = async (input: object) => (await run('createOAuthClient', { ...bank, ...input })).userErrors;
    expect(await refusal({ securityProfile: 'FAPI2' })).toMatchObject([{ code: 'CONTRADICTS_PROFILE' }]);
    for (const jwks of [secret, '{"keys":[]}', 'no JSON', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'])
      expect(await refusal({ jwks })).toMatchObject([{ code: 'INVALID_KEYS', field: ['jwks'] }]);
    expect(await refusal({ jwks: open, jwksUri: 'https://client.localhost/jwks' })).toMatchObject([
      { code: 'INVALID_KEYS', field: ['jwksUri'] },
    ]);
  });
});

test('an access token cannot widen a client that acts as somebody beyond what it may do itself', async () => {
  const client = await aClient({
    ownerId: (await askGraph<{ viewer: { id: string } }>(root, '{ viewer { id } }')).data?.viewer.id,
  });
  const widened = run('updateOAuthClient', { clientId: client.clientId, scopes: ['user:read', 'programs:write'] });
  await expect(widened).rejects.toThrow(/programs:write/);
});

test('deleteOAuthClient removes the client with everything of it', async () => {
  const { data } = await askGraph<{ viewer: { id: string } }>(root, '{ viewer { id } }');
  const client = await aClient({ ownerId: data?.viewer.id });
  const { body } = await token(client);
  expect(await run('deleteOAuthClient', { clientId: client.clientId }, 'deletedClientId')).toEqual({
    deletedClientId: client.clientId,
    userErrors: [],
  });
  await expect.poll(async () => (await token(client)).status).toBe(401);
  const me = await fetch(`${site.url}/api/users/me`, { headers: { authorization: `Bearer ${body.access_token}` } });
  expect(me.status).toBe(401);
  expect(await clientFields(client.clientId, 'name')).toBeNull();
});

test('a client tells what it did, and why it was refused', async () => {
  const client = await aClient();
  await token(client);
  await token(client);
  await token({ ...client, secret: 'wrong' });
  await token(client, { scope: 'learning:write' });
  const fields = await clientFields(
    client.clientId,
    'usage(last: 7) { days tokensIssued failures lastUsedAt } recentRefusals(last: 5) { at endpoint error reason address }',
  );
  expect(fields.usage).toEqual({ days: 7, tokensIssued: 2, failures: 2, lastUsedAt: expect.stringMatching(/Z$/) });
  expect(fields.recentRefusals).toMatchObject([
    { endpoint: 'token', error: 'invalid_scope', reason: expect.stringContaining('scope') },
    { endpoint: 'token', error: 'invalid_client', at: expect.stringMatching(/Z$/), address: expect.any(String) },
  ]);
  expect(JSON.stringify(fields)).not.toContain(client.secret);
  const unused = await clientFields(
    (await aClient()).clientId,
    'usage { tokensIssued lastUsedAt } recentRefusals { error }',
  );
  expect(unused).toEqual({ usage: { tokensIssued: 0, lastUsedAt: null }, recentRefusals: [] });
  const { errors } = await askGraph(root, '{ oauthClients { nodes { usage(last: 0) { days } } } }');
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('a client tells who let it in', async () => {
  const client = await aClient();
  await site.gateway.context.orm.em.fork().execute(
    `insert into oauth_consent (id, created_at, updated_at, account_id, client_id, scopes)
     values (gen_random_uuid(), now(), now(), ?, ?, '{user:read}')`,
    [rootId, client.clientId],
  );
  const fields = await clientFields(
    client.clientId,
    'grants(first: 5) { totalCount nodes { clientId clientName scopes grantedAt account { username } } }',
  );
  expect(fields.grants).toEqual({
    totalCount: 1,
    nodes: [
      {
        clientId: client.clientId,
        clientName: 'A service',
        scopes: ['user:read'],
        grantedAt: expect.any(String),
        account: { username: 'root' },
      },
    ],
  });
});

test('signing keys are seen and rotated by administrators', async () => {
  const list = async () => {
    const query = '{ signingKeys { kid purpose algorithm state activeFrom retiringFrom retiredAt } }';
    return (
      await askGraph<{ signingKeys: { kid: string; purpose: string; algorithm: string; state: string }[] }>(root, query)
    ).data?.signingKeys;
  };
  expect(await list()).toHaveLength(4);
  const { signingKeys } = await run(
    'rotateSigningKey',
    { purpose: 'RESTRICTED' },
    'signingKeys { kid purpose algorithm state activeFrom }',
  );
  expect(signingKeys).toMatchObject([{ purpose: 'RESTRICTED', algorithm: 'RS512', state: 'PUBLISHED' }]);
  expect(await list()).toHaveLength(5);
  expect((await run('rotateSigningKey', { purpose: 'RESTRICTED' }, 'signingKeys { kid }')).signingKeys).toHaveLength(1);
  expect(await list()).toHaveLength(5);
  expect(
    (await run('rotateSigningKey', { purpose: 'RESTRICTED', algorithm: 'ES256' }, 'signingKeys { kid }')).userErrors,
  ).toMatchObject([{ code: 'NO_SUCH_KEY' }]);
});

test.each([
  ['updateOAuthClient', { name: 'x' }],
  ['revokeOAuthClientSecret', { secretId: 'x' }],
  ['restrictOAuthClient', { mode: 'SSO_ONLY' }],
  ['unrestrictOAuthClient', {}],
  ['revokeOAuthClientTokens', {}],
  ['deleteOAuthClient', {}],
])('%s is for administrators with the scope only', async (name, input) => {
  const { clientId } = await aClient();
  const support = await site.caller(
    await site.aPerson({ username: `s-${name.replace('OAuthClient', '')}`, roles: ['SUPPORT'] }),
    staffScope,
  );
  await expect(run(name, { clientId, ...input }, 'userErrors { message }', support)).rejects.toThrow('FORBIDDEN');
  expect(await clientFields(clientId, 'name restriction { mode }')).toEqual({ name: 'A service', restriction: null });
});
