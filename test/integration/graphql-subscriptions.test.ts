import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishChange } from '../../src/changes/publish-change.js';
import type { Account } from '../../src/entities/account.entity.js';
import { toGlobalId } from '../../src/resolvers/global-id.js';
import { systemActor } from '../../src/services/actor.js';
import { eventually } from '../support/eventually.js';
import { askGraph, type GraphCaller } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../support/graph-site.js';
import { closeCodeOf, subscribe } from '../support/graph-socket.js';

const openRun = 'course-v1:DemoU+PHYS101+2026_T1';
const changes =
  'subscription ($accountId: ID) { enrollmentChanged(accountId: $accountId) { enrollment { state mode courseRun { courseKey title } } event { cause } } }';
interface Changed {
  enrollmentChanged: {
    enrollment: { state: string; mode: string | null; courseRun: { title: string } };
    event: { cause: string };
  };
}
let site: GraphSite;
let adaAccount: Account;
let ada: GraphCaller & { token: string };
let sam: GraphCaller & { token: string };
beforeAll(async () => {
  site = await startGraphSite();
  adaAccount = await site.aPerson({ username: 'ada' });
  ada = await site.caller(adaAccount, 'learning:read learning:write');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

const as = ({ token }: { token: string }) => ({
  url: site.url,
  connectionParams: { Authorization: `Bearer ${token}` },
});
const followers = async () => {
  const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
  return metric?.values[0]?.value;
};

test('a learner sees the enrollment go from wish to fact', async () => {
  await using mine = subscribe<Changed>(as(ada), changes);
  await using watched = subscribe<Changed>(as(sam), changes, { accountId: toGlobalId('Account', adaAccount.id) });
  await eventually('both subscriptions', async () => (await followers()) === 2);
  const first = mine.next();
  const { data } = await askGraph<{ enrollInCourse: { enrollment: { id: string } } }>(
    ada,
    `mutation { enrollInCourse(input: { courseKey: "${openRun}" }) { enrollment { id } } }`,
  );
  expect((await first).data).toMatchObject({
    enrollmentChanged: {
      enrollment: { state: 'PENDING', mode: null, courseRun: { courseKey: openRun, title: 'Classical Mechanics' } },
      event: { cause: 'enroll-requested' },
    },
  });
  const { enrollments } = site.gateway.context.services;
  const [row] = await enrollments
    .ofAccounts([adaAccount.id])
    .then((rows) => rows.filter((one) => one.courseKey === openRun));
  expect(data?.enrollInCourse.enrollment.id).toBe(toGlobalId('Enrollment', String(row?.id)));
  await enrollments.perform(String(row?.id));
  expect((await mine.next()).data).toMatchObject({
    enrollmentChanged: { enrollment: { state: 'ACTIVE', mode: 'audit' } },
  });
  expect((await watched.next()).data?.enrollmentChanged.enrollment.courseRun.title).toBe('Classical Mechanics');
});

test('each event is read anew: what was read for the one before is not served again', async () => {
  const grace = await site.aPerson({ username: 'grace', isLinked: false });
  await using mine = subscribe<{ edxLinkChanged: { state: string; account: { name: string } } }>(
    as(sam),
    'subscription ($id: ID) { edxLinkChanged(accountId: $id) { state account { name } } }',
    { id: toGlobalId('Account', grace.id) },
  );
  await eventually('the subscription', async () => (await followers()) === 1);
  const { services, orm } = site.gateway.context;
  const link = (await services.edxLinks.findByAccountIds([grace.id]))[0];
  const say = () =>
    publishChange(orm.em.fork(), { topic: 'edx-link', accountId: grace.id, edxLinkId: String(link?.id) });
  for (const name of ['Grace', 'Grace Hopper', 'Rear Admiral Hopper']) {
    await services.accounts.updateProfile(grace.id, { name }, systemActor);
    const next = mine.next();
    await say();
    expect((await next).data?.edxLinkChanged).toEqual({ state: 'PENDING', account: { name } });
  }
});

test('following another is for staff, and is refused with a code', async () => {
  await using foreign = subscribe(as(ada), changes, {
    accountId: toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009'),
  });
  expect((await foreign.next()).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('queries, bad documents and costs are judged as over HTTP', async () => {
  await using query = subscribe<{ viewer: { username: string } }>(as(ada), '{ viewer { username } }');
  expect(await query.next()).toEqual({ data: { viewer: { username: 'ada' } } });
  for (const [text, code] of [
    ['{ viewer { nonsense } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    ['{ __schema { queryType { name } } }', 'FORBIDDEN'],
  ]) {
    await using refused = subscribe(as(ada), String(text));
    await expect(refused.next()).rejects.toMatchObject([{ extensions: { code } }]);
  }
});

test('a socket that is cut, not closed, leaves no follower behind', async () => {
  const lost = subscribe(as(ada), changes);
  await eventually('the subscription', async () => (await followers()) === 1);
  lost.next().catch(() => {});
  lost.cut();
  await eventually('its end', async () => (await followers()) === 0);
});

test.each([
  ['a stranger', { connectionParams: {} }, 4401],
  ['a token that is none', { connectionParams: { authorization: 'Bearer nonsense' } }, 4403],
  ['a cookie from another site', { headers: { cookie: 'x=y', origin: 'https://evil.example' } }, 4403],
  ['a cookie without an origin', { headers: { cookie: 'x=y' } }, 4403],
])(
  '%s is turned away',
  async (_who, {
    connectionParams,
    headers,
  }: { connectionParams?: object; headers?: Record<string, string> }, code) => {
    expect(
      await closeCodeOf({ url: site.url, ...(headers && { headers }) }, [
        { type: 'connection_init', payload: connectionParams },
      ]),
    ).toBe(code);
  },
);

test('each breach of the protocol has its close code', async () => {
  const init = { type: 'connection_init', payload: { Authorization: `Bearer ${ada.token}` } };
  const operation = { type: 'subscribe', id: '1', payload: { query: changes } };
  expect(await closeCodeOf({ url: site.url }, ['nonsense'])).toBe(4400);
  expect(await closeCodeOf({ url: site.url }, [operation])).toBe(4401);
  expect(await closeCodeOf({ url: site.url }, [init, init])).toBe(4429);
  expect(await closeCodeOf({ url: site.url }, [], 'graphql-ws').catch(() => 'refused')).toBe('refused');
  expect(await closeCodeOf({ url: site.url }, [{ ...init, padding: 'x'.repeat(200_000) }])).toBe(1009);
  await expect(closeCodeOf({ url: site.url, headers: { host: 'evil.example' } }, [init])).rejects.toThrow('421');
});

test('a caller has a limited number of connections, and a connection of operations', async () => {
  const many = Array.from({ length: 20 }, () => subscribe(as(ada), changes));
  try {
    await eventually('all of them', async () => (await followers()) === 20);
    const init = { type: 'connection_init', payload: { Authorization: `Bearer ${ada.token}` } };
    expect(await closeCodeOf({ url: site.url }, [init])).toBe(4429);
  } finally {
    await Promise.all(many.map((one) => one[Symbol.asyncDispose]()));
  }
  await eventually('their end', async () => (await followers()) === 0);
});

