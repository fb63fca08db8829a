import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobody } from '../../../src/access/viewer.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { ForbiddenError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let root: GraphCaller & { token: string };

const providers = '/api/third_party_auth/v0/providers';
const own = 'oa2-ol-oauth2';
const school = 'saml-demou';
const keys = Array.from({ length: 120 }, (_, index) => `DU-9${String(index).padStart(3, '0')}`);

beforeAll(async () => {
  site = await startGraphSite();
  root = await site.caller(
    await site.aPerson({ username: 'root', roles: ['ADMIN'] }),
    'clients:admin accounts:read tpa:read',
  );
  await site.aPerson({ username: 'ada' });
});
afterAll(() => site[Symbol.asyncDispose]());

/** A client that acts as somebody with no role at all. */
async function aPartnerClient(username: string) {
  const owner = await site.aPerson({ username, isLinked: false });
  const { client, secret = '' } = await site.gateway.context.services.oauthClients.create(
    {
      name: username,
      type: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['tpa:read'],
      ownerId: owner.id,
    },
    systemActor,
  );
  const ask = async (format: object = {}): Promise<string> => {
    const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: secret, ...format };
    const answer = await fetch(`${site.url}/oauth2/token/`, { method: 'POST', body: new URLSearchParams(form) });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return { clientId: client.clientId, owner, ask };
}

async function read(token: string, provider: string, query = '') {
  const answer = await fetch(`${site.url}${providers}/${provider}/users${query}`, {
    headers: { authorization: `JWT ${token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
}

async function change(mutation: 'grantClientProvider' | 'revokeClientProvider', input: object) {
  const document = `mutation ($input: ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!) {
    ${mutation}(input: $input) { client { providers } userErrors { code field } } }`;
  return (await dataOf(askGraph<Record<string, unknown>>(root, document, { input })))[mutation];
}

test('a client reads the provider that it was granted, for as long, and no other', async () => {
  const { clientId, ask } = await aPartnerClient('partner');
  const token = await ask();
  expect((await read(token, own)).status).toBe(403);
  expect(await change('grantClientProvider', { clientId, providerId: own })).toEqual({
    client: { providers: [own] },
    userErrors: [],
  });
  await change('grantClientProvider', { clientId, providerId: own });
  expect((await read(token, own, '?username=ada')).body.count).toBe(1);
  expect((await read(token, school)).status).toBe(403);
  expect((await read(token, 'oa2-nope')).status).toBe(403);
  await change('revokeClientProvider', { clientId, providerId: own });
  expect(await change('revokeClientProvider', { clientId, providerId: own })).toEqual({
    client: { providers: [] },
    userErrors: [],
  });
  expect((await read(token, own)).status).toBe(403);
  const acts = await site.gateway.context.orm.em
    .fork()
    .find(AuditEventEntity, { action: { $in: ['client.provider-granted', 'client.provider-revoked'] } });
  expect(acts.map(({ action, detail }) => [action, detail])).toEqual([
    ['client.provider-granted', { client: clientId, provider: own }],
    ['client.provider-revoked', { client: clientId, provider: own }],
  ]);
});

test('a token that a person gave to a granted client opens what the person may, which is nothing', async () => {
  const { clientId, owner } = await aPartnerClient('keen');
  await change('grantClientProvider', { clientId, providerId: own });
  const { thirdPartyMappings } = site.gateway.context.services;
  const viewer = { ...nobody, via: 'token' as const, clientId, account: owner, scopes: new Set(['tpa:read']) };
  await expect(thirdPartyMappings.requireAccess(viewer, own)).rejects.toBeInstanceOf(ForbiddenError);
  await expect(thirdPartyMappings.requireAccess({ ...viewer, isClientItself: true }, own)).resolves.toBeUndefined();
});

test('a restricted client reads the providers that its tokens name, whoever it acts as', async () => {
  const { clientId, ask } = await aPartnerClient('held');
  await site.gateway.context.services.oauthClients.restrict(
    clientId,
    { mode: 'SCOPED_JWT', organizations: [], providers: [own], scopes: ['tpa:read'] },
    systemActor,
  );
  const token = await ask({ token_type: 'jwt' });
  expect((await read(token, own, '?remote_id=ada')).body.results).toEqual([{ username: 'ada', remote_id: 'ada' }]);
  expect((await read(token, school)).status).toBe(403);
});

test.each([
  ['ol oauth2', 'INVALID'],
  ['nothing', 'INVALID'],
])('%s is no provider to grant', async (providerId, code) => {
  const { clientId } = await aPartnerClient(`p-${code}-${providerId.length}`);
  expect(await change('grantClientProvider', { clientId, providerId })).toEqual({
    client: null,
    userErrors: [{ code, field: ['providerId'] }],
  });
});

test('another provider is answered by the LMS, fifty names in a call, and paged here', async () => {
  for (const key of keys) link(`learner-${key}`, `demou:${key}`);
  await site.lms.forgetRequests();
  const first = await read(root.token, school, `?remote_id=${keys.join(',')}&page_size=100`);
  expect(first.body).toMatchObject({ count: 120, num_pages: 2, start: 0, page_size: 100 });
  const calls = (await site.lms.requests()).filter(({ path }) => path.includes(`/${school}/users`));
  expect(calls).toHaveLength(3);
  for (const { query } of calls)
    expect(new URLSearchParams(query).getAll('remote_id').join(',').split(',').length).toBeLessThanOrEqual(50);
  const second = await read(root.token, school, `?remote_id=${keys.join(',')}&page_size=100&page=2`);
  const all = [...(first.body.results ?? []), ...(second.body.results ?? [])] as { remote_id: string }[];
  expect(all.map((row) => row.remote_id).sort()).toEqual(keys);
});

function link(username: string, uid: string): void {
  const { state } = site.gateway.sandbox;
  state.putLink({ id: state.nextId('link'), username, uid, backend: 'tpa-saml' });
}

test('without a filter the LMS’s own pages are handed on', async () => {
  await site.lms.forgetRequests();
  const { body } = await read(root.token, school, '?page=2&page_size=50');
  expect(body).toMatchObject({ current_page: 2, start: 50, page_size: 50 });
  expect((body.results ?? []) as object[]).toHaveLength(50);
  expect(await site.lms.count(/saml-demou\/users/)).toBe(1);
  expect((await read(root.token, school, '?page=99')).body).toEqual({ detail: 'Invalid page.' });
  expect((await read(root.token, school, '?page=last&page_size=100')).body).toMatchObject({
    current_page: 2,
    next: null,
  });
});

test('the graph has the same, by cursors', async () => {
  const document = `query ($providerId: String!, $usernames: [String!], $remoteIds: [String!], $first: Int, $after: String) {
    thirdPartyMappings(providerId: $providerId, usernames: $usernames, remoteIds: $remoteIds, first: $first, after: $after) {
      nodes { username remoteId } pageInfo { hasNextPage endCursor } } }`;
  const ask = async (variables: object) =>
    (
      await dataOf(
        askGraph<{
          thirdPartyMappings: { nodes: { remoteId: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        }>(root, document, variables),
      )
    ).thirdPartyMappings;
  expect((await ask({ providerId: own, usernames: ['ADA', 'nobody'] })).nodes).toEqual([
    { username: 'ada', remoteId: 'ada' },
  ]);
  const owns = await ask({ providerId: own, first: 1 });
  expect(owns.pageInfo.hasNextPage).toBe(true);
  expect((await ask({ providerId: own, first: 1, after: owns.pageInfo.endCursor })).nodes).not.toEqual(owns.nodes);

  const seen: string[] = [];
  let after: string | undefined;
  do {
    const { nodes, pageInfo } = await ask({ providerId: school, remoteIds: keys, first: 70, after });
    seen.push(...nodes.map(({ remoteId }) => remoteId));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  } while (after !== undefined);
  expect(seen.sort()).toEqual(keys);
  expect((await ask({ providerId: school, first: 150 })).nodes.length).toBeGreaterThanOrEqual(120);

  const { token } = await site.caller(await site.aPerson({ username: 'lea', isLinked: false }), 'tpa:read');
  const refused = await askGraph({ url: site.url, token }, document, { providerId: own });
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('while the LMS is away, its providers are unknown and Portico’s own is not', async () => {
  await site.lms.faults([{ match: '/api/third_party_auth/*', mode: 'down' }]);
  try {
    expect((await read(root.token, own, '?username=ada')).status).toBe(200);
    const { status, body } = await read(root.token, school, '?remote_id=DU-9001');
    expect([status, Object.keys(body)]).toEqual([503, ['detail']]);
  } finally {
    await site.lms.heal();
  }
});
