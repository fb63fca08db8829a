import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { publishChange } from '../../../src/changes/publish-change.js';
import type { Account } from '../../../src/entities/account.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { storeGrades } from '../../../src/services/grade/store-grades.js';
import { eventually } from '../../support/eventually.js';
import type { GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';
import { connect, type GraphConnection } from '../../support/graph-socket.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

type Holder = GraphCaller & { token: string };
const run = 'course-v1:DemoU+CS101+2026_T1';

let site: GraphSite;
/** Another process, in front of the same database. */
let second: Gateway;
let adaAccount: Account;
let ada: Holder;
let sam: Holder;
const connections: GraphConnection[] = [];
beforeAll(async () => {
  site = await startGraphSite();
  second = await startGateway({ databaseUrl: site.gateway.context.config.database.url });
  adaAccount = await site.aPerson({ username: 'ada' });
  ada = await site.caller(adaAccount, 'learning:read user:read');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await site.gateway.context.changes.everyoneHeard();
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection[Symbol.asyncDispose]()));
  await followed(0);
});

const open = ({ token }: Holder, url = site.url) => {
  const connection = connect({ url, connectionParams: { Authorization: `Bearer ${token}` } });
  connections.push(connection);
  return connection;
};
const figureOf = async (gateway: Gateway, name: string) =>
  (await gateway.context.metrics.getSingleMetric(name)?.get())?.values[0]?.value;
const followed = (count: number, gateway = site.gateway) =>
  eventually(
    `${count} subscriptions`,
    async () => (await figureOf(gateway, 'portico_graphql_subscriptions')) === count,
  );
const gradeOf = (username: string, percent: number) =>
  storeGrades(site.gateway.context.orm.em, [
    { username, courseKey: run, percent, letterGrade: null, isPassed: percent > 0.5, asOf: new Date() },
  ]);

test('a grade that changes is told to its learner, and of a whole course run to staff', async () => {
  const fields = '{ account { username } courseRun { courseKey } grade { freshness { source } } }';
  await gradeOf('ada', 0.1);
  await site.gateway.context.changes.everyoneHeard();
  const mine = open(ada).subscribe(`subscription { gradeChanged ${fields} }`);
  const ofRun = open(sam).subscribe(`subscription { gradeChanged(courseKey: "${run}") ${fields} }`);
  // For a learner, "of this course run" are their own grades there.
  const mineThere = open(ada).subscribe(`subscription { gradeChanged(courseKey: "${run}") ${fields} }`);
  const elsewhere = open(ada).subscribe(`subscription { gradeChanged(courseKey: "course-v1:A+B+C") ${fields} }`);
  const told = [mine.next(), ofRun.next(), mineThere.next()];
  const untold = elsewhere.next().then(
    () => 'told',
    () => 'ended',
  );
  await followed(4);
  await gradeOf('ada', 0.9);
  for (const { data, errors } of await Promise.all(told)) {
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      gradeChanged: { account: { username: 'ada' }, courseRun: { courseKey: run } },
    });
  }
  expect(await Promise.race([untold, Promise.resolve('nothing yet')])).toBe('nothing yet');
});

test('another’s grades are for staff', async () => {
  const id = toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009');
  const query = `subscription { gradeChanged(accountId: "${id}") { courseRun { courseKey } } }`;
  expect((await open(ada).subscribe(query).next()).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const upstreams = 'subscription { upstreamStatusChanged { name } }';
  expect((await open(ada).subscribe(upstreams).next()).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('a breaker that opens in one process is told to the operators of all', async () => {
  const query = 'subscription { upstreamStatusChanged { name breaker breakerReason breakerSince } }';
  const told = [open(sam).subscribe(query).next(), open(sam, second.url).subscribe(query).next()];
  await followed(1);
  await followed(1, second);
  await site.lms.faults([{ match: '*', mode: 'html500' }]);
  const { api } = site.gateway.context.lms;
  for (let n = 0; n < 6; n++) await api.courseModes(run, { purpose: 'request' }).catch(() => {});
  await site.lms.heal();
  for (const { data } of await Promise.all(told))
    expect(data).toEqual({
      upstreamStatusChanged: {
        name: 'lms',
        breaker: 'OPEN',
        breakerReason: 'server-error',
        breakerSince: expect.any(String),
      },
    });
});

/** How long listeners are killed for; a moment, unless somebody wants to wait: `LISTENER_OUTAGE_SECONDS=30`. */
const outageSeconds = Number(process.env.LISTENER_OUTAGE_SECONDS ?? 0);

test('listeners that are killed again and again under load lose no change: everybody ends with the state as it is', {
  timeout: 60_000 + outageSeconds * 1000,
}, async () => {
  const people = await Promise.all(
    Array.from({ length: 12 }, (_, n) => site.aPerson({ username: `person${n}`, isLinked: false })),
  );
  const { services, orm } = site.gateway.context;
  const links = await services.edxLinks.findByAccountIds(people.map(({ id }) => id));
  const linkOf = new Map(links.map((link) => [link.accountId, link.id]));
  const last = new Map<string, string>();
  const query = 'subscription ($id: ID) { edxLinkChanged(accountId: $id) { account { username name } } }';
  type Told = { edxLinkChanged: { account: { username: string; name: string } } };
  const gateways = [site.gateway, second];
  gateways.forEach((gateway, at) => {
    const connection = open(sam, gateway.url);
    for (const person of people) {
      const results = connection.subscribe<Told>(query, { id: toGlobalId('Account', person.id) });
      const listen = async () => {
        for (;;) {
          const { data } = await results.next();
          if (data) last.set(`${at} ${data.edxLinkChanged.account.username}`, data.edxLinkChanged.account.name);
        }
      };
      listen().catch(() => {});
    }
  });
  for (const gateway of gateways) await followed(people.length, gateway);
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'portico-changes' and datname = current_database()`;
  let killed = 0;
  let round = 0;
  for (const begunAt = performance.now(); round < 6 || performance.now() - begunAt < outageSeconds * 1000; round++) {
    killed += (await orm.em.fork().execute<unknown[]>(kill)).length;
    for (const { id } of people) {
      await services.accounts.updateProfile(id, { name: `Name ${round}` }, systemActor);
      const edxLinkId = String(linkOf.get(id));
      await publishChange(orm.em.fork(), { topic: 'edx-link', accountId: id, edxLinkId });
    }
  }
  expect(killed).toBeGreaterThanOrEqual(2);
  await eventually('the state as it is', async () =>
    gateways.every((_, at) => people.every(({ username }) => last.get(`${at} ${username}`) === `Name ${round - 1}`)),
  );
});

test('who is too slow is told the latest state, in one message, when there is room again', async () => {
  const padding = 'x'.repeat(60_000);
  const accountId = toGlobalId('Account', adaAccount.id);
  // Long answers: a hundred times the same field under long names.
  const fields = Array.from({ length: 60 }, (_, n) => `a${n}_${padding.slice(0, 1500)}: state`).join(' ');
  const query = `subscription { edxLinkChanged(accountId: "${accountId}") { ${fields} account { name } } }`;
  const socket = new WebSocket(`${site.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${sam.token}` } }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ type: 'subscribe', id: 'slow', payload: { query } }));
  await followed(1);
  const names: string[] = [];
  socket.on('message', (data) => names.push(JSON.parse(String(data)).payload.data.edxLinkChanged.account.name));
  socket.pause();
  const { services, orm } = site.gateway.context;
  const [link] = await services.edxLinks.findByAccountIds([adaAccount.id]);
  const tell = async (name: string) => {
    await services.accounts.updateProfile(adaAccount.id, { name }, systemActor);
    const change = { topic: 'edx-link', accountId: adaAccount.id, edxLinkId: String(link?.id) } as const;
    await publishChange(orm.em.fork(), change);
    await site.gateway.context.changes.everyoneHeard();
  };
  const rounds = 150;
  for (let n = 1; n <= rounds; n++) await tell(`Ada ${n}`);
  socket.resume();
  await eventually('the latest state', async () => names.at(-1) === `Ada ${rounds}`);
  expect(names.length).toBeLessThan(rounds);
  socket.terminate();
});
