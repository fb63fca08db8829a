import fastify, { LogController } from 'fastify';
import { expect, test, vi } from 'vitest';
import { RequestLogger } from '../../../src/http/request-logger.js';
import { createLogger } from '../../../src/logger.js';

test('a request that writes nothing has no log made for it', async () => {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line) => void lines.push(line) });
  const made = vi.spyOn(logger, 'child');
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => 'req-1',
    childLoggerFactory: (parent, bindings, options) => new RequestLogger(parent, bindings, options),
  });
  app.get('/quiet', async () => 'well');
  app.get('/loud', async (request) => {
    request.log.warn({ token: 'a-secret', kept: 1 }, 'first');
    request.log.debug('second');
    request.log.child({ part: 'inner' }).error('third');
    request.log.trace('not at this level');
    return request.log.level;
  });
  const madeOfRequests = () => made.mock.calls.filter(([bindings]) => 'requestId' in bindings).length;

  expect((await app.inject('/quiet')).body).toBe('well');
  expect(madeOfRequests()).toBe(0);

  expect((await app.inject('/loud')).body).toBe('debug');
  expect(madeOfRequests()).toBe(1);
  const written = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === 'req-1');
  expect(written).toMatchObject([
    { level: 40, msg: 'first', token: '[redacted]', kept: 1 },
    { level: 20, msg: 'second' },
    { level: 50, msg: 'third', part: 'inner' },
  ]);
  await app.close();
});
