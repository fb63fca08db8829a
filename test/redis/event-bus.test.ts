import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusConsumer } from '../../src/event-bus/bus-consumer.js';
import { eventually } from '../support/eventually.js';
import { type GraphSite, startGraphSite } from '../support/graph-site.js';
import { recordedMessages } from '../support/recorded-events.js';
import { pullLever } from '../support/sandbox-levers.js';
import { type Gateway, startGateway } from '../support/start-gateway.js';
import { createProducer, enrollmentPayload, type LmsProducer } from './lms-producer.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

const enrollmentChanged = 'org.openedx.learning.course.enrollment.changed.v1';
const demoRun = 'course-v1:edX+DemoX+Demo_Course';
const stream = 'prod-learning';
const group = 'portico';

let server: RedisServer;
let site: GraphSite;
let producer: LmsProducer;
beforeAll(async () => {
  server = await startRedisServer();
  site = await startGraphSite({
    worker: true,
    eventBus: { url: server.url, topic: stream },
    env: { OPENEDX_EVENT_BUS_TOPIC_PREFIX: 'prod' },
  });
  producer = createProducer(server.url, stream);
});
afterAll(async () => {
  producer[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const taken = async (gateway: Gateway = site.gateway) => {
  const metric = await gateway.context.metrics.getSingleMetric('event_bus_messages_total')?.get();
  const count = (outcome: string) =>
    (metric?.values ?? [])
      .filter(({ labels }) => labels.outcome === outcome)
      .reduce((sum, { value }) => sum + value, 0);
  return { taken: count('taken'), ignored: count('ignored'), parked: count('parked') };
};
const pendingOf = async () => {
  const [count] = (await producer.redis.call('XPENDING', stream, group)) as [number];
  return count;
};
const nothingPending = () => eventually('everything is acknowledged', async () => (await pendingOf()) === 0);
const parked = async () => (await site.gateway.context.services.parkedEvents.list({ size: 50 })).rows;
const busOf = ({ context: { busConsumer } }: Gateway): BusConsumer => {
  if (!busConsumer) throw new Error('there is no consumer');
  return busConsumer;
};
const somebody = (id: number, mode = 'audit') => enrollmentPayload({ id, username: `nobody-${id}` }, demoRun, mode);

test('what the LMS wrote to a real Redis, with a topic prefix, is taken and acknowledged', async () => {
  const before = await taken();
  for (const { topic, fields } of recordedMessages) await producer.publishRaw(Object.fromEntries(fields), topic);
  await eventually('all are taken', async () => (await taken()).taken === before.taken + recordedMessages.length);
  await nothingPending();
  expect(busOf(site.gateway).state()).toMatchObject({ isRunning: true, isReachable: true });
});

test('two processes share the messages: each goes to one of them', async () => {
  await using other = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    worker: true,
    env: { OPENEDX_EVENT_BUS_REDIS_URL: server.url, OPENEDX_EVENT_BUS_TOPIC_PREFIX: 'prod' },
    busPatience: { blockMs: 200 },
  });
  await eventually('both read', async () => busOf(other).state().isReachable);
  const [first, second] = [await taken(), await taken(other)];
  const count = 400;
  await Promise.all(
    Array.from({ length: count }, (_, id) => producer.publish({ type: enrollmentChanged, payload: somebody(id) })),
  );
  const now = () => Promise.all([taken(), taken(other)]);
  const sum = async () => {
    const [one, two] = await now();
    return one.taken - first.taken + two.taken - second.taken;
  };
  await eventually('all are taken', async () => (await sum()) >= count);
  await nothingPending();
  expect(await sum()).toBe(count);
});

/** As if the group had given it to a process that was killed a minute ago. */
const giveToKilled = (id: string, deliveries: number) =>
  producer.redis.call('XCLAIM', stream, group, 'killed', 0, id, 'IDLE', 60_000, 'RETRYCOUNT', deliveries, 'FORCE');

test('what a killed process was given goes to another one', async () => {
  const before = await taken();
  const id = await producer.publish({ type: enrollmentChanged, payload: somebody(1) });
  await eventually('it is taken', async () => (await taken()).taken === before.taken + 1);
  await nothingPending();
  await giveToKilled(id, 1);
  await eventually('it is taken once more', async () => (await taken()).taken === before.taken + 2);
  await nothingPending();
});

test('what process after process was given and never finished is parked', async () => {
  const before = await taken();
  const id = await producer.publish({ type: enrollmentChanged, payload: somebody(2) });
  await eventually('it is taken', async () => (await taken()).taken === before.taken + 1);
  await nothingPending();
  await giveToKilled(id, 10);
  await eventually('it is parked', async () => (await parked()).some(({ entryId }) => entryId === id));
  await nothingPending();
  expect((await parked()).find(({ entryId }) => entryId === id)?.reason).toBe('DELIVERED_TOO_OFTEN');
});

test('messages that cannot be read or stored are parked, and hold up nobody', async () => {
  const before = { rows: await parked(), counts: await taken() };
  await producer.publishRaw({ type: enrollmentChanged, id: 'poison\0', event_data: Buffer.from([2, 255, 255]) });
  await producer.publishRaw({ nonsense: 'yes' });
  await producer.publishRaw({ type: 'org.openedx.learning.forum.thread.created.v1', event_data: 'whatever' });
  // It can be read, but no database can store such a name.
  await producer.publish({ type: enrollmentChanged, payload: enrollmentPayload({ id: 7, username: 'a\0b' }, demoRun) });
  await producer.publish({ type: enrollmentChanged, payload: somebody(8) });
  await eventually('the last is taken', async () => (await taken()).taken === before.counts.taken + 1);
  await nothingPending();
  const rows = (await parked()).slice(before.rows.length);
  expect(rows.map(({ reason, type }) => [reason, type ?? null])).toEqual([
    ['UNREADABLE', enrollmentChanged],
    ['UNREADABLE', null],
    ['FAILED', enrollmentChanged],
  ]);
  expect(await taken()).toMatchObject({ ignored: before.counts.ignored + 1, parked: before.counts.parked + 3 });
  const { parkedEvents } = site.gateway.context.services;
  expect(
    await parkedEvents.replay(
      rows.map(({ id }) => id),
      { accountId: null },
    ),
  ).toEqual([]);
  expect(await parked()).toHaveLength(before.rows.length + 3);
});

test('a parked message that can be taken later is taken then, and parked no longer', async () => {
  const { parkedEvents } = site.gateway.context.services;
  const message = recordedMessages[1];
  if (!message) throw new Error('nothing was recorded');
  await parkedEvents.park({ ...message, entryId: '1-1' }, 'FAILED', 'The database was full.');
  await parkedEvents.park({ ...message, entryId: '1-1' }, 'FAILED', 'The database was full.');
  const rows = (await parked()).filter(({ entryId }) => entryId === '1-1');
  expect(rows).toHaveLength(1);
  expect(
    await parkedEvents.replay(
      rows.map(({ id }) => id),
      { accountId: null },
    ),
  ).toEqual(rows.map(({ id }) => id));
  expect((await parked()).filter(({ entryId }) => entryId === '1-1')).toEqual([]);
});

test('a Redis that lost everything is joined again', async () => {
  await producer.redis.flushall();
  const before = await taken();
  await producer.publish({ type: enrollmentChanged, payload: somebody(9) });
  await eventually('it is taken', async () => (await taken()).taken > before.taken);
});

test('Redis killed and started again under load: every change arrives', async () => {
  const { sandbox, context } = site.gateway;
  await site.lms.seed({ users: 30, courses: 2, enrollmentsPerUser: 2, seed: 6 });
  const learners = Array.from({ length: 30 }, (_, at) => `learner${String(at + 1).padStart(5, '0')}`);
  await site.people(learners);
  const runs = [...sandbox.state.courses.values()]
    .filter(({ org }) => org === 'Seed')
    .map(({ courseKey }) => courseKey);
  const change = async (username: string, at: number) => {
    const course = { course_key: runs[at % runs.length] };
    const payload = { enrollment: { user: { pii: { username } }, course, mode: at % 3 === 0 ? 'honor' : 'verified' } };
    // It is published when Redis is back; nobody waits for that here.
    void pullLever(sandbox.lmsUrl, 'POST', 'events', { type: enrollmentChanged, payload }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  for (const [at, username] of learners.entries()) {
    await change(username, at);
    if (at === 8) await server.kill();
    if (at === 12) await eventually('it is noticed', async () => !busOf(site.gateway).state().isReachable);
    if (at === 22) await server.start();
  }
  const wrong = async () => {
    const accounts = await context.orm.em
      .fork()
      .execute<{ id: string; username: string }[]>(`select id, username from account where username like 'learner%'`);
    const rows = await context.services.enrollments.ofAccounts(accounts.map(({ id }) => id));
    const byKey = new Map(rows.map((row) => [`${row.lmsUsername} ${row.courseKey}`, row.mode]));
    return learners.filter((username, at) => {
      const courseKey = runs[at % runs.length] ?? '';
      return byKey.get(`${username} ${courseKey}`) !== sandbox.state.enrollment(username, courseKey)?.mode;
    });
  };
  await eventually('every change is here', async () => (await wrong()).length === 0, { deadlineMs: 25_000 });
  await nothingPending();
  expect(busOf(site.gateway).state().isReachable).toBe(true);
}, 60_000);
