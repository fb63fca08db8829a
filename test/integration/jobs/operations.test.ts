import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChangeFeed } from '../../../src/changes/change-feed.js';
import { createOrm } from '../../../src/entities/orm.js';
import { UpstreamUnavailableError } from '../../../src/errors.js';
import { createAdvisoryLocks } from '../../../src/locks/advisory-locks.js';
import { createLogger } from '../../../src/logger.js';
import { systemActor } from '../../../src/services/actor.js';
import type { OperationDefinition } from '../../../src/services/operation/kinds.js';
import { createOperationService } from '../../../src/services/operation/operation.service.js';
import { performRows } from '../../../src/services/operation/perform-rows.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/test-database.js';

const logger = createLogger('silent');
const stack = new AsyncDisposableStack();
let openProcess: Awaited<ReturnType<typeof createProcesses>>;
beforeAll(async () => {
  openProcess = await createProcesses();
});
afterAll(() => stack.disposeAsync());

type Repair = OperationDefinition<'REPAIR_EDX_LINKS'>;

/** Processes that share a database; each carries out operations in its own manner. */
async function createProcesses() {
  const { url } = stack.use(await createTestDatabase());
  const orm = stack.adopt(createOrm({ url, poolSize: 8 }), (it) => it.close());
  const changes = stack.use(await createChangeFeed({ databaseUrl: url, logger }));
  const audit = { record: async () => {} };
  return {
    em: orm.em,
    open(run: Repair['run'], options: Partial<Repair> = {}) {
      const locks = stack.use(createAdvisoryLocks({ databaseUrl: url, logger }));
      const unused = { isJoined: true, run: async () => undefined };
      const kinds = {
        REPAIR_EDX_LINKS: { isJoined: true, lane: () => null, ...options, run },
        RECONCILE: unused,
        RETRY_ENROLLMENTS: unused,
        SYNC_COURSE_RUNS: unused,
        SYNC_GRADES: unused,
        EXPORT_GRADES: unused,
      };
      const clock = () => new Date();
      return { locks, operations: createOperationService({ em: orm.em, locks, changes, clock, logger, audit, kinds }) };
    },
  };
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `row-${index + 1}` }));
const all = { size: 100 };

test('every row is done once, and says what became of it', async () => {
  const { operations } = openProcess.open(async (run) => {
    await performRows(run, {
      parallel: 3,
      logger,
      perform: async ({ key }) => (key === 'row-2' ? { outcome: 'CONFLICT', reason: 'why' } : { outcome: 'OK' }),
    });
    return { counted: 1 };
  });
  const { id } = await operations.begin('REPAIR_EDX_LINKS', {}, systemActor, { rows: rows(5) });
  const seen: string[] = [];
  const ended = await operations.follow(id, { onProgress: ({ state }) => seen.push(state) });
  expect(ended).toMatchObject({ state: 'PARTIAL', total: 5, done: 5, failed: 1, summary: { counted: 1 } });
  expect(seen.at(-1)).toBe('PARTIAL');
  const page = await operations.rows(id, {}, all);
  expect(page.rows.map(({ number, key, outcome }) => [number, key, outcome])).toEqual([
    [1, 'row-1', 'OK'],
    [2, 'row-2', 'CONFLICT'],
    [3, 'row-3', 'OK'],
    [4, 'row-4', 'OK'],
    [5, 'row-5', 'OK'],
  ]);
  expect((await operations.rows(id, { outcome: 'CONFLICT' }, all)).rows).toMatchObject([{ number: 2, reason: 'why' }]);
});

test('a retry does the rows that failed again, under their numbers, and no others', async () => {
  const tried: (string | null)[] = [];
  let isHealed = false;
  const { operations } = openProcess.open(async (run) => {
    await performRows(run, {
      parallel: 1,
      logger,
      perform: async ({ key }) => {
        tried.push(key);
        return { outcome: isHealed || key === 'row-1' ? 'OK' : 'NOT_FOUND' };
      },
    });
    return undefined;
  });
  const first = await operations.begin('REPAIR_EDX_LINKS', {}, systemActor, { rows: rows(3) });
  await expect(operations.retry(first.id, systemActor)).rejects.toThrow('not finished');
  expect(await operations.follow(first.id)).toMatchObject({ state: 'PARTIAL', failed: 2 });
  isHealed = true;
  tried.length = 0;
  const again = await operations.retry(first.id, systemActor);
  expect(await operations.retry(first.id, systemActor)).toMatchObject({ id: again.id });
  expect(await operations.follow(again.id)).toMatchObject({ state: 'SUCCEEDED', total: 2, done: 2, retryOf: first.id });
  expect(tried).toEqual(['row-2', 'row-3']);
  expect((await operations.rows(again.id, {}, all)).rows.map(({ number }) => number)).toEqual([2, 3]);
  await expect(operations.retry(again.id, systemActor)).rejects.toThrow('nothing to do again');
});

test('rows are found a page at a time, and a run that was cut short goes on with the next', async () => {
  const done: (string | null)[] = [];
  const repeats: (string | null)[] = [];
  let isCut = true;
  const { operations } = openProcess.open(async (run) => {
    await performRows(run, {
      parallel: 2,
      logger,
      find: async (place) => {
        const start = typeof place === 'number' ? place : 0;
        return { rows: rows(12).slice(start, start + 4), next: start + 4 < 12 ? start + 4 : undefined };
      },
      perform: async ({ key, isRepeat }) => {
        if (isCut && key === 'row-7')
          throw new UpstreamUnavailableError('away', { upstream: 'lms', why: 'unreachable' });
        done.push(key);
        if (isRepeat) repeats.push(key);
        return { outcome: 'OK' };
      },
    });
    return undefined;
  });
  const { id } = await operations.begin('REPAIR_EDX_LINKS', {}, systemActor);
  await operations.run(id);
  const [waiting] = await operations.findByIds([id]);
  expect(waiting).toMatchObject({ state: 'RUNNING', failure: { code: 'unreachable' }, waits: 1 });
  expect(waiting?.nextAttemptAt).toBeInstanceOf(Date);
  isCut = false;
  await operations.run(id);
  expect((await operations.findByIds([id]))[0]).toMatchObject({ state: 'SUCCEEDED', done: 12, failure: null });
  expect(done.toSorted()).toEqual(
    rows(12)
      .map(({ key }) => key)
      .toSorted(),
  );
  expect(repeats).toContain('row-7');
});

test('one process at a time runs an operation, and operations of a lane run one after the other, in order', async () => {
  const running = new Set<string>();
  const order: string[] = [];
  let most = 0;
  const body: Repair['run'] = async (run) => {
    running.add(run.id);
    most = Math.max(most, running.size);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(run.id);
    running.delete(run.id);
    return undefined;
  };
  const lane = { lane: () => 'one-lane', isJoined: false };
  const [here, there] = [openProcess.open(body, lane).operations, openProcess.open(body, lane).operations];
  const begun = [];
  for (let index = 0; index < 4; index += 1) begun.push(await here.begin('REPAIR_EDX_LINKS', {}, systemActor));
  await Promise.all(begun.flatMap(({ id }) => [here.follow(id), there.follow(id)]));
  expect(order).toEqual(begun.map(({ id }) => id));
  expect(most).toBe(1);
});

test('asking for the same again, while it is not finished, answers the operation that is there', async () => {
  const { operations } = openProcess.open(async () => undefined);
  const first = await operations.begin('REPAIR_EDX_LINKS', { limit: 7 }, systemActor);
  expect(await operations.begin('REPAIR_EDX_LINKS', { limit: 7 }, systemActor)).toMatchObject({ id: first.id });
  expect((await operations.begin('REPAIR_EDX_LINKS', { limit: 8 }, systemActor)).id).not.toBe(first.id);
  await operations.follow(first.id);
  expect((await operations.begin('REPAIR_EDX_LINKS', { limit: 7 }, systemActor)).id).not.toBe(first.id);
});

test('an operation that is canceled stops between two rows, wherever it runs; what is left says so', async () => {
  const begun = Promise.withResolvers<void>();
  const { operations: here } = openProcess.open(async (run) => {
    await performRows(run, {
      parallel: 1,
      logger,
      perform: async () => {
        begun.resolve();
        await eventually('the end', async () => run.signal.aborted);
        return { outcome: 'OK' };
      },
    });
    return undefined;
  });
  const { operations: there } = openProcess.open(async () => undefined);
  const { id } = await here.begin('REPAIR_EDX_LINKS', {}, systemActor, { rows: rows(3) });
  const ended = here.follow(id);
  await begun.promise;
  await there.cancel(id, systemActor);
  expect(await ended).toMatchObject({ state: 'CANCELED', done: 3, failed: 2 });
  const outcomes = (await here.rows(id, {}, all)).rows.map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['OK', 'CANCELLED', 'CANCELLED']);

  const queued = await here.begin('REPAIR_EDX_LINKS', {}, systemActor, { rows: rows(1) });
  expect(await there.cancel(queued.id, systemActor)).toMatchObject({ state: 'CANCELED' });
  expect(await there.cancel(queued.id, systemActor)).toMatchObject({ state: 'CANCELED' });
});

test('a fault of ours ends an operation after some tries, and says no more than it should', async () => {
  const { operations } = openProcess.open(async () => {
    throw new Error('secret detail');
  });
  const { id } = await operations.begin('REPAIR_EDX_LINKS', {}, systemActor);
  for (let tries = 1; tries < 5; tries += 1) await expect(operations.run(id)).rejects.toThrow('secret detail');
  await operations.run(id);
  const [ended] = await operations.findByIds([id]);
  expect(ended).toMatchObject({ state: 'FAILED', failure: { code: 'internal-error', retryable: false } });
  expect(JSON.stringify(ended)).not.toContain('secret detail');
});

test('an operation whose job was lost gets another one', async () => {
  const { operations } = openProcess.open(async () => undefined);
  const { id } = await operations.begin('REPAIR_EDX_LINKS', {}, systemActor);
  const em = openProcess.em.fork();
  await em.execute('select graphile_worker.remove_job(?)', [`operation:${id}`]);
  expect(await operations.resumeForgotten()).toBe(1);
  expect(await operations.resumeForgotten()).toBe(0);
  expect(await em.execute('select 1 from graphile_worker.jobs where key = ?', [`operation:${id}`])).toHaveLength(1);
});
