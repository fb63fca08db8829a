import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import type { Account } from '../../../src/entities/account.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { auditPurpose } from '../../../src/services/audit/chain/link.js';
import { verifyAuditChain } from '../../../src/services/audit/chain/verify.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

interface Acts {
  auditEvents: {
    nodes: {
      id: string;
      at: string;
      action: string;
      outcome: string;
      detail: Record<string, unknown> | null;
      actor: { username: string } | null;
      subject: { username: string } | null;
      client: { clientId: string } | null;
    }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string; startCursor: string };
    totalCount: number;
  };
}

let site: GraphSite;
let sam: GraphCaller & { token: string };
let ada: Account;
let samAccount: Account;
beforeAll(async () => {
  site = await startGraphSite();
  ada = await site.aPerson({ username: 'ada' });
  samAccount = await site.aPerson({ username: 'sam', roles: ['SUPPORT'] });
  sam = await site.caller(samAccount, staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

const query = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
  auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    nodes { id at action outcome detail actor { username } subject { username } client { clientId } }
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    totalCount
  }
}`;
const read = async (variables: object = {}, caller: GraphCaller = sam) => {
  const { data, errors } = await askGraph<Acts>(caller, query, variables);
  if (!data) throw new Error(JSON.stringify(errors));
  return data.auditEvents;
};

test('support reads all acts, newest first, with who did them, to whom, and by which client', async () => {
  const { nodes } = await read({ first: 100 });
  const [newest] = nodes;
  expect(newest).toMatchObject({
    action: 'token.issued',
    outcome: 'success',
    subject: null,
    client: { clientId: expect.any(String) },
    detail: { grantType: 'client_credentials' },
  });
  expect(nodes.filter(({ subject }) => subject?.username === 'ada').map(({ action }) => action)).toEqual([
    'account.created',
  ]);
  const times = nodes.map(({ at }) => at);
  expect(times).toEqual([...times].sort().reverse());
});

test('a page goes on where the one before ended, in both directions', async () => {
  const all = (await read({ first: 100 })).nodes.map(({ id }) => id);
  const first = await read({ first: 2 });
  const second = await read({ first: 2, after: first.pageInfo.endCursor });
  expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(all.slice(0, 4));
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  const back = await read({ last: 1, before: second.pageInfo.startCursor });
  expect(back.nodes.map(({ id }) => id)).toEqual([all[1]]);
  expect((await read({ last: 1 })).nodes.map(({ id }) => id)).toEqual(all.slice(-1));
  expect(first.totalCount).toBe(all.length);
});

test('a filter narrows by what was done, how it ended, who, whom, which client and when', async () => {
  const { audit } = site.gateway.context.services;
  const before = new Date();
  const actor = { accountId: samAccount.id, clientId: 'filtered', address: null };
  await audit.record({ action: 'session.revoked', outcome: 'success', actor, subjectId: ada.id });
  await audit.record({ action: 'token.issued', outcome: 'refused', actor, subjectId: null });
  const actionsOf = async (filter: object) =>
    (await read({ first: 100, filter: { since: before, ...filter } })).nodes.map(({ action }) => action);
  expect(await actionsOf({ clientId: 'filtered' })).toEqual(['token.issued', 'session.revoked']);
  expect(await actionsOf({ outcome: 'refused' })).toEqual(['token.issued']);
  expect(await actionsOf({ actions: ['session.revoked', 'sign-in'] })).toEqual(['session.revoked']);
  expect(await actionsOf({ subjectId: toGlobalId('Account', ada.id) })).toEqual(['session.revoked']);
  expect(await actionsOf({ actorId: toGlobalId('Account', samAccount.id) })).toHaveLength(2);
  expect(await actionsOf({ actorId: toGlobalId('Account', ada.id) })).toEqual([]);
  expect(await actionsOf({ until: before })).toEqual([]);
  expect((await read({ filter: { until: before } })).nodes.every(({ action }) => action !== 'session.revoked')).toBe(
    true,
  );
  const { errors } = await askGraph(sam, query, { filter: { actorId: toGlobalId('Enrollment', ada.id) } });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('learners and tokens without accounts:read do not read it', async () => {
  const learner = await site.caller(ada, staffScope);
  const weak = await site.caller(samAccount, 'clients:admin operations:admin');
  for (const caller of [learner, weak, { url: site.url }]) {
    const { data, errors } = await askGraph(caller, query, {});
    expect(data?.auditEvents).toBeUndefined();
    expect(errors?.[0]?.extensions?.code).toMatch(/^(FORBIDDEN|UNAUTHENTICATED)$/);
  }
});

test('accounts and clients of a page are read at once, not one by one', async () => {
  const actor = { accountId: samAccount.id, clientId: 'none', address: null };
  for (let number = 0; number < 10; number += 1)
    await site.gateway.context.services.audit.record({
      action: 'sign-out',
      outcome: 'success',
      actor,
      subjectId: ada.id,
    });
  const { accounts, oauthClients } = site.gateway.context.services;
  const accountReads = vi.spyOn(accounts, 'findByIds');
  const clientReads = vi.spyOn(oauthClients, 'findByClientIds');
  expect((await read({ first: 12 })).nodes).toHaveLength(12);
  expect(accountReads.mock.calls.map(([ids]) => [...ids].sort())).toEqual([[ada.id, samAccount.id].sort()]);
  expect(clientReads).toHaveBeenCalledTimes(1);
  vi.restoreAllMocks();
});

test('acts are chained soon after they happened, by the running product', async () => {
  const { orm, secrets } = site.gateway.context;
  const verify = () =>
    verifyAuditChain({ em: orm.em.fork(), authenticator: createAuthenticator(secrets.keys, auditPurpose) });
  await eventually('all acts are chained', async () => (await verify()).unchained === 0, { deadlineMs: 20_000 });
  expect(await verify()).toMatchObject({ isIntact: true, fault: null });
});
