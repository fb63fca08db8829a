import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { pullLever } from '../../support/sandbox-levers.js';
import { startGateway } from '../../support/start-gateway.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { createTestDatabase } from '../../support/test-database.js';

test('what the LMS tells of while the database is away is taken when it is back, and nothing is parked', async () => {
  await using database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  await using proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const proxied = new URL(database.url);
  proxied.host = `127.0.0.1:${proxy.port}`;
  await using gateway = await startGateway({
    sandbox: 'demo',
    worker: true,
    eventBus: 'loopback',
    databaseUrl: proxied.href,
    patience: { connectMs: 1_000, turnMs: 2_000, answerMs: 1_500 },
    busPatience: { blockMs: 200, careMs: 200, claimAfterMs: 1_000, settleMs: 200 },
  });
  const { busConsumer, services, metrics } = gateway.context;
  const taken = async () => {
    const metric = await metrics.getSingleMetric('event_bus_messages_total')?.get();
    return metric?.values.find(({ labels }) => labels.outcome === 'taken')?.value ?? 0;
  };
  await eventually('the bus is read', async () => busConsumer?.state().isReachable);
  await proxy.cut();
  const user = { pii: { username: 'ada' } };
  const enrollment = { user, course: { course_key: 'course-v1:edX+DemoX+Demo_Course' }, mode: 'honor' };
  const body = { type: 'course.enrollment.changed.v1', payload: { enrollment } };
  await pullLever(gateway.sandbox.lmsUrl, 'POST', 'events', body);
  await using bus = readerOf(gateway.sandbox.busUrl);
  await eventually('it was given to us, and is not finished', async () => (await bus.pending()) === 1);
  expect(await taken()).toBe(0);
  await proxy.restore();
  await eventually('it is taken', async () => (await taken()) === 1, { deadlineMs: 20_000 });
  await eventually('it is finished', async () => (await bus.pending()) === 0);
  expect(await services.parkedEvents.count()).toBe(0);
});

function readerOf(url = '') {
  const redis = new Redis(url);
  return {
    pending: async () => ((await redis.call('XPENDING', 'learning', 'portico', '-', '+', 10)) as unknown[]).length,
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}
