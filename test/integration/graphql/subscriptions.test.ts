import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { publishChange } from '../../../src/changes/publish-change.js';
import type { Account } from '../../../src/entities/account.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';
import { closeCodeOf, connect, type GraphConnection, type SocketOptions } from '../../support/graph-socket.js';

const openRun = 'course-v1:DemoU+PHYS101+2026_T1';
const changes = `subscription ($accountId: ID) {
  enrollmentChanged(accountId: $accountId) { enrollment { state mode courseRun { courseKey title } } event { cause } } }`;
interface Changed {
  enrollmentChanged: {
    enrollment: { state: string; mode: string | null; courseRun: { title: string } };
    event: { cause: string };
  };
}
type Holder = GraphCaller & { token: string };

let site: GraphSite;
let adaAccount: Account;
let ada: Holder;
let sam: Holder;
const connections: GraphConnection[] = [];
beforeAll(async () => {
  site = await startGraphSite();
  adaAccount = await site.aPerson({ username: 'ada' });
  ada = await site.caller(adaAccount, 'learning:read learning:write');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection[Symbol.asyncDispose]()));
  await followed(0);
});

const open = (options: SocketOptions) => {
  const connection = connect(options);
  connections.push(connection);
  return connection;
};
const by = ({ token }: Holder) => ({ url: site.url, connectionParams: { Authorization: `Bearer ${token}` } });
const followed = (count: number) =>
  eventually(`${count} subscriptions`, async () => {
    const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === count;
  });
const enrollmentIn = async (courseKey: string) => {
  const rows = await site.gateway.context.services.enrollments.ofAccounts([adaAccount.id]);
  const row = rows.find((one) => one.courseKey === courseKey);
  if (!row) throw new Error(`no enrollment in ${courseKey}`);
  return row;
};

test('a learner sees the enrollment go from wish to fact, and so does staff', async () => {
  const mine = open(by(ada)).subscribe<Changed>(changes);
  const watched = open(by(sam)).subscribe<Changed>(changes, { accountId: toGlobalId('Account', adaAccount.id) });
  const [first, firstWatched] = [mine.next(), watched.next()];
  await followed(2);
  const enroll = `mutation { enrollInCourse(input: { courseKey: "${openRun}" }) { enrollment { id } } }`;
  const { data } = await askGraph(ada, enroll);
  expect((await first).data?.enrollmentChanged).toEqual({
    enrollment: { state: 'PENDING', mode: null, courseRun: { courseKey: openRun, title: 'Classical Mechanics' } },
    event: { cause: 'enroll-requested' },
  });
  expect((await firstWatched).data).toEqual((await first).data);

  const row = await enrollmentIn(openRun);
  expect(data).toEqual({ enrollInCourse: { enrollment: { id: toGlobalId('Enrollment', row.id) } } });
  await site.gateway.context.services.enrollments.perform(row.id);
  expect((await mine.next()).data?.enrollmentChanged.enrollment).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
});

test('each event is read anew: what was read for the one before is not served again', async () => {
  const grace = await site.aPerson({ username: 'grace', isLinked: false });
  // What was said of her link when she was made is not to come among the events.
  await site.gateway.context.changes.everyoneHeard();
  const query = 'subscription ($id: ID) { edxLinkChanged(accountId: $id) { state account { name } } }';
  const mine = open(by(sam)).subscribe(query, { id: toGlobalId('Account', grace.id) });
  const { services, orm } = site.gateway.context;
  const [link] = await services.edxLinks.findByAccountIds([grace.id]);
  for (const name of ['Grace', 'Grace Hopper', 'Rear Admiral Hopper']) {
    await services.accounts.updateProfile(grace.id, { name }, systemActor);
    const next = mine.next();
    await followed(1);
    await publishChange(orm.em.fork(), { topic: 'edx-link', accountId: grace.id, edxLinkId: String(link?.id) });
    expect((await next).data).toEqual({ edxLinkChanged: { state: 'PENDING', account: { name } } });
  }
});

test('what changed while the change feed was away is told when it is back', async () => {
  const mine = open(by(ada)).subscribe<Changed>(changes);
  const next = mine.next();
  await followed(1);
  const { orm, services } = site.gateway.context;
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'portico-changes' and datname = current_database()`;
  expect(await orm.em.fork().execute(kill)).toHaveLength(1);
  await services.enrollments.unenroll({ accountId: adaAccount.id, courseKey: openRun }, systemActor);
  expect((await next).data?.enrollmentChanged.event.cause).toBe('unenroll-requested');
});

test('following another is for staff, and is refused with a code', async () => {
  const accountId = toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009');
  const foreign = open(by(ada)).subscribe(changes, { accountId });
  expect((await foreign.next()).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('queries and bad documents are judged as over HTTP', async () => {
  const connection = open(by(ada));
  expect(await connection.subscribe('{ viewer { username } }').next()).toEqual({
    data: { viewer: { username: 'ada' } },
  });
  const aliases = Array.from({ length: 101 }, (_, n) => `a${n}: __typename`).join(' ');
  for (const [text, code] of [
    ['{ viewer { nonsense } }', 'GRAPHQL_VALIDATION_FAILED'],
    [`{ ${aliases} }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    ['{ __schema { queryType { name } } }', 'FORBIDDEN'],
    ['query A { viewer { id } } query B { viewer { id } }', 'BAD_REQUEST'],
  ])
    await expect(connection.subscribe(String(text)).next(), text).rejects.toMatchObject([{ extensions: { code } }]);
});

test('a socket that is cut, not closed, leaves no follower behind', async () => {
  const lost = open(by(ada));
  const ended = expect(lost.subscribe(changes).next()).rejects.toBeDefined();
  await followed(1);
  lost.cut();
  await ended;
  await followed(0);
});

const cookie = { cookie: 'x=y' };
test.each([
  ['a stranger', {}, {}, 4401],
  ['a token that is none', {}, { authorization: 'Bearer nonsense' }, 4403],
  ['a cookie from another site', { ...cookie, origin: 'https://evil.example' }, {}, 4403],
  ['a cookie without an origin', cookie, {}, 4403],
])('%s is turned away', async (_who, headers: Record<string, string>, payload, code) => {
  expect(await closeCodeOf({ url: site.url, headers }, [{ type: 'connection_init', payload }])).toBe(code);
});

test('each breach of the protocol has its close code', async () => {
  const init = { type: 'connection_init', payload: { Authorization: `Bearer ${ada.token}` } };
  const { url } = site;
  expect(await closeCodeOf({ url }, ['nonsense'])).toBe(4400);
  expect(await closeCodeOf({ url }, [{ type: 'subscribe', id: '1', payload: { query: changes } }])).toBe(4401);
  expect(await closeCodeOf({ url }, [init, init])).toBe(4429);
  expect(await closeCodeOf({ url }, [{ ...init, padding: 'x'.repeat(200_000) }])).toBe(1009);
  await expect(closeCodeOf({ url }, [], 'graphql-ws')).rejects.toThrow('subprotocol');
  await expect(closeCodeOf({ url, headers: { host: 'evil.example' } }, [init])).rejects.toThrow('421');
});

test('a caller has a limited number of connections', async () => {
  for (let n = 0; n < 20; n++)
    open(by(ada))
      .subscribe(changes)
      .next()
      .catch(() => {});
  await followed(20);
  const init = { type: 'connection_init', payload: { Authorization: `Bearer ${ada.token}` } };
  expect(await closeCodeOf({ url: site.url }, [init])).toBe(4429);
});

test('a connection carries a limited number of operations', async () => {
  const connection = open(by(ada));
  for (let n = 0; n < 50; n++)
    connection
      .subscribe(changes)
      .next()
      .catch(() => {});
  await followed(50);
  const oneMore = connection.subscribe(changes).next();
  await expect(oneMore).rejects.toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
});

test('a client that does not read what it asked for is cut off, and nothing of it is printed', async () => {
  const print = vi.spyOn(console, 'error');
  const server = site.gateway.app.httpServer?.server;
  const connectionCount = () =>
    new Promise<number>((resolve) => server?.getConnections((_error, count) => resolve(count)));
  // Long, and nothing has to be read for it.
  const query = getIntrospectionQuery();
  const socket = new WebSocket(`${site.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  const before = await connectionCount();
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${sam.token}` } }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.pause();
  for (let n = 0; n < 50; n++) socket.send(JSON.stringify({ type: 'subscribe', id: String(n), payload: { query } }));
  await eventually('the cut', async () => (await connectionCount()) < before);
  socket.terminate();
  expect(print).not.toHaveBeenCalled();
  print.mockRestore();
});

test('what is no frame at all closes the socket, and nothing of it is printed', async () => {
  const print = vi.spyOn(console, 'error');
  const socket = new WebSocket(`${site.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const upgraded = once(socket, 'upgrade');
  await once(socket, 'open');
  const [answer] = (await upgraded) as [IncomingMessage];
  answer.socket.write(Buffer.from([0xff, 0xff]));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1002);
  expect(print).not.toHaveBeenCalled();
  print.mockRestore();
});

test('operations by socket are counted by name and outcome as those over HTTP are', async () => {
  const connection = open({ url: site.url, connectionParams: { Authorization: `Bearer ${sam.token}` } });
  expect((await connection.subscribe('query BySocket { viewer { username } }').next()).data).toBeTruthy();
  const refused = connection.subscribe('subscription Unknown { operationProgressed(id: "nonsense") { id } }').next();
  expect((await refused).errors).toHaveLength(1);
  void connection
    .subscribe('subscription Links { edxLinkChanged { state } }')
    .next()
    .catch(() => undefined);
  await followed(1);
  const figures = await site.gateway.context.metrics.metrics();
  for (const labels of [
    'operation="BySocket",type="query",code="OK"',
    'operation="Links",type="subscription",code="OK"',
  ])
    expect(figures).toContain(`portico_graphql_operation_duration_seconds_count{${labels}} 1`);
  expect(figures).toMatch(/operation="Unknown",type="subscription",code="BAD_USER_INPUT"\} 1/);
});

test('the cookie of a signed-in person opens a socket for our own page, until they sign out', async () => {
  const person = await site.aPerson({ username: 'wim', isLinked: false });
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: person.email, password: testPassword });
  const headers = { cookie: browser.cookieHeader('/graphql'), origin: site.url };
  const connection = open({ url: site.url, headers });
  const ended = expect(connection.subscribe(changes).next()).rejects.toBeDefined();
  expect((await connection.subscribe('{ viewer { username } }').next()).data).toEqual({ viewer: { username: 'wim' } });
  await followed(1);
  await site.gateway.context.oauth.signIn.revokeAll(person.id);
  await expect(connection.subscribe('{ viewer { username } }').next()).rejects.toBeDefined();
  await ended;
  expect(await connection.closed).toBe(4403);
});

test('a stop of Portico tells its subscribers to go', async () => {
  const other = await startGraphSite();
  const person = await other.caller(await other.aPerson({ username: 'ada' }), 'learning:read');
  const watched = open({ url: other.url, connectionParams: { Authorization: `Bearer ${person.token}` } });
  const ended = expect(watched.subscribe(changes).next()).rejects.toBeDefined();
  await eventually('the subscription', async () => {
    const metric = await other.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === 1;
  });
  await other[Symbol.asyncDispose]();
  await ended;
  expect(await watched.closed).toBe(1001);
});
