import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let ada: GraphCaller;
let sam: GraphCaller;
let adaId: string;
let rootId: string;
beforeAll(async () => {
  site = await startGraphSite();
  const adaAccount = await site.aPerson({ username: 'ada' });
  const rootAccount = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  adaId = toGlobalId('Account', adaAccount.id);
  rootId = toGlobalId('Account', rootAccount.id);
  ada = await site.caller(adaAccount, 'learning:read learning:write');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

const codes = async (caller: GraphCaller, query: string, variables?: unknown) => {
  const { data, errors } = await askGraph(caller, query, variables);
  return { data, codes: errors?.map((error) => error.extensions?.code) };
};

test('a learner reads their own account and no other', async () => {
  expect(await codes(ada, '{ viewer { username email name edx { state } } }')).toMatchObject({
    data: { viewer: { username: 'ada', email: 'ada@example.org', edx: { state: 'LINKED' } } },
  });
  expect(await codes(ada, '{ account(by: { username: "root" }) { email } }')).toEqual({
    data: { account: null },
    codes: ['FORBIDDEN'],
  });
  expect(await codes(ada, '{ accounts { nodes { email } } }')).toEqual({ data: null, codes: ['FORBIDDEN'] });
});

test('staff finds an account by anything that identifies it', async () => {
  const by = [
    { id: adaId },
    { username: 'ADA' },
    { email: 'Ada@Example.org' },
    { edxUsername: 'ada' },
    { remoteId: 'ada' },
  ];
  for (const one of by)
    expect(await codes(sam, 'query ($by: AccountBy!) { account(by: $by) { username } }', { by: one })).toEqual({
      data: { account: { username: 'ada' } },
      codes: undefined,
    });
  expect(await codes(sam, '{ account(by: { username: "nobody-of-that-name" }) { id } }')).toMatchObject({
    data: { account: null },
  });
  const two = await askGraph(sam, '{ account(by: { username: "ada", email: "ada@example.org" }) { id } }');
  expect(two.status).toBe(400);
});

test('a role does not make up for a scope, nor a scope for a role', async () => {
  const root = await site.gateway.context.services.accounts.findByUsername('root');
  if (!root) throw new Error('root is there');
  const narrow = await site.caller(root, 'learning:read');
  expect((await codes(narrow, '{ accounts { nodes { id } } }')).codes).toEqual(['FORBIDDEN']);
  expect((await codes(narrow, '{ oauthClients { nodes { clientId } } }')).codes).toEqual(['FORBIDDEN']);
  expect((await codes(sam, '{ oauthClients { nodes { clientId } } }')).codes).toEqual(['FORBIDDEN']);
  const identityOnly = await site.caller(root, 'user:read');
  expect(await codes(identityOnly, '{ viewer { username enrollments { nodes { id } } } }')).toEqual({
    data: { viewer: { username: 'root', enrollments: null } },
    codes: ['FORBIDDEN'],
  });
});

test('what another person’s field is worth, one’s own is not refused: sessions and audit', async () => {
  const query = '{ viewer { sessions { id } authorizedClients { clientId } } }';
  expect((await codes(ada, query)).codes).toContain('FORBIDDEN');
  expect(await codes(sam, query)).toMatchObject({ data: { viewer: { sessions: [], authorizedClients: [] } } });
  const audit = '{ account(by: { username: "ada" }) { auditEvents { nodes { action outcome } } } }';
  expect((await codes(sam, audit)).data).toMatchObject({
    account: { auditEvents: { nodes: expect.arrayContaining([{ action: 'account.created', outcome: 'success' }]) } },
  });
});

test('a node is found again by its id, by whoever may see it', async () => {
  const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on Account { username } } }';
  expect(await codes(ada, query, { id: adaId })).toEqual({
    data: { node: { __typename: 'Account', id: adaId, username: 'ada' } },
    codes: undefined,
  });
  expect(await codes(ada, query, { id: rootId })).toEqual({ data: { node: null }, codes: ['FORBIDDEN'] });
  expect(await codes(sam, query, { id: rootId })).toMatchObject({ data: { node: { username: 'root' } } });
  const { data } = await codes(ada, '{ viewer { edx { id } enrollments { nodes { id courseRun { id } } } } }');
  const found =
    JSON.stringify(data)
      .match(/"id":"([^"]+)"/g)
      ?.map((part) => part.slice(6, -1)) ?? [];
  expect(found.length).toBeGreaterThan(10);
  const again = await codes(ada, 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: found });
  expect(again.codes).toBeUndefined();
  expect(again.data?.nodes).toMatchObject(found.map((id) => ({ id })));
});

test('an id of another’s, of nothing, or of nonsense tells no more than the other', async () => {
  const missing = toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009');
  const ids = [adaId, rootId, missing, 'nonsense', toGlobalId('Account', "' or 1=1"), toGlobalId('Secret', 'x')];
  const answered = await codes(ada, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
  expect(answered.data?.nodes).toEqual([{ id: adaId }, null, null, null, null, null]);
  const query = 'query ($id: ID!) { node(id: $id) { id } }';
  expect(await codes(ada, query, { id: missing })).toEqual(await codes(ada, query, { id: rootId }));
});

test('a client that is nobody’s reads the catalogue and no person', async () => {
  const { client, secret } = await site.gateway.context.services.oauthClients.create(
    { name: 'Nobody', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['learning:read'] },
    { accountId: null },
  );
  const answer = await fetch(`${site.url}/oauth2/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const machine = { url: site.url, token };
  expect(await codes(machine, '{ viewer { id } courseRuns { nodes { id } } }')).toMatchObject({
    data: { viewer: null, courseRuns: { nodes: [] } },
  });
  expect((await codes(machine, '{ enrollments { nodes { id } } }')).codes).toEqual(['FORBIDDEN']);
});
