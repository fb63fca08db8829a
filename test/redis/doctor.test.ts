import { expect, test } from 'vitest';
import { checkEventBus } from '../../src/cli/doctor/event-bus-check.js';
import { findTestPort } from '../support/test-port.js';
import { createProducer } from './lms-producer.js';
import { startRedisServer } from './redis-server.js';

const config = { topics: ['learning'], topicPrefix: 'prod', consumerGroup: 'portico', consumerName: undefined };

test('the doctor tells a bus that is away from one that the LMS does not write to, and from one that is well', async () => {
  const away = await checkEventBus(`redis://127.0.0.1:${await findTestPort()}`, config);
  expect(away).toMatchObject({ status: 'failed', detail: expect.stringContaining('does not answer') });
  await using server = await startRedisServer({ password: 'the-right-one' });
  const refused = await checkEventBus(server.url.replace('the-right-one', 'a-wrong-one'), config);
  expect(refused.status).toBe('failed');
  expect(JSON.stringify(refused)).not.toContain('a-wrong-one');
  expect(await checkEventBus(server.url, config)).toMatchObject({
    status: 'to-check',
    detail: expect.stringContaining('nothing was ever written to prod-learning'),
  });
  using producer = createProducer(server.url);
  await producer.publishRaw({ type: 'any' }, 'prod-learning');
  expect(await checkEventBus(server.url, config)).toMatchObject({ status: 'ok', detail: 'prod-learning holds 1' });
});
