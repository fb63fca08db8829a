import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { connectRedis } from '../../src/redis/redis.js';
import { eventually } from '../support/eventually.js';
import { findTestPort } from '../support/test-port.js';
import { startRedisServer } from './redis-server.js';

function createLog() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, logger: createLogger('debug', destination) };
}

test('a client comes back by itself when Redis was killed and started again, and fails at once meanwhile', async () => {
  await using server = await startRedisServer();
  const { lines, logger } = createLog();
  using redis = connectRedis(server.url, { logger, name: 'portico-test' });
  await once(redis, 'ready');
  await redis.set('kept', 'here');
  await server.kill();
  await eventually('it notices', async () => redis.status !== 'ready');
  await expect(redis.get('kept')).rejects.toThrow();
  await server.start();
  await eventually('it is back', async () => redis.status === 'ready');
  expect(await redis.get('kept')).toBe('here');
  expect(lines.join('')).toMatch(/connected to Redis.*lost the connection to Redis.*Redis is back/s);
});

test('a client of a Redis that is not there yet waits for it, without an error at start', async () => {
  const { lines, logger } = createLog();
  const port = await findTestPort();
  using redis = connectRedis(`redis://127.0.0.1:${port}`, { logger, name: 'portico-test' });
  await eventually('it has tried', async () => lines.length > 0);
  await expect(redis.ping()).rejects.toThrow();
  await eventually('it has tried again', async () => redis.status === 'reconnecting' || redis.status === 'connecting');
  expect(lines).toHaveLength(1);
});

test('a password that Redis refuses is in no log line, and the client goes on trying', async () => {
  await using server = await startRedisServer({ password: 'the-right-one' });
  const { lines, logger } = createLog();
  using redis = connectRedis(server.url.replace('the-right-one', 'a-wrong-one'), { logger, name: 'portico-test' });
  await eventually('it was refused', async () => lines.length > 0);
  await expect(redis.ping()).rejects.toThrow();
  expect(lines.join('')).not.toMatch(/a-wrong-one/);
  expect(redis.status).not.toBe('end');
});

test('a command that is not answered in time fails, and a disposed client is gone', async () => {
  await using server = await startRedisServer();
  const { logger } = createLog();
  using redis = connectRedis(server.url, { logger, name: 'portico-test', answerMs: 50 });
  await once(redis, 'ready');
  await expect(redis.blpop('nothing-here', 2)).rejects.toThrow('timed out');
  redis[Symbol.dispose]();
  await eventually('it has ended', async () => redis.status === 'end');
});
