import pg from 'pg';
import { expect, test } from 'vitest';
import { createOrm } from '../../../src/entities/orm.js';
import { createAbandonedJobs } from '../../../src/jobs/abandoned-jobs.js';
import { enqueue, type JobName } from '../../../src/jobs/queue.js';
import { createWorker } from '../../../src/jobs/worker.js';
import { createAdvisoryLocks, LockBusyError } from '../../../src/locks/advisory-locks.js';
import { createLogger } from '../../../src/logger.js';
import { startChild } from '../../support/child-process.js';
import { eventually } from '../../support/eventually.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { createTestDatabase } from '../../support/test-database.js';
import { everyJob } from './every-job.js';

const logger = createLogger('silent');
const child = new URL('./worker-child.ts', import.meta.url);

test('what a killed worker was doing is done by another within seconds', async () => {
  await using bench = await createBench();
  await using victim = startChild(child, [bench.url]);
  await victim.line('ready');
  await bench.enqueue('push-profile', { accountId: 'a' });
  await victim.line('running push-profile');

  const done: [JobName, boolean][] = [];
  await using _survivor = await bench.worker(async (name, { isRepeat }) => {
    done.push([name, isRepeat]);
  });
  await victim.kill();
  await eventually('the job runs again', async () => done.length > 0, { deadlineMs: 12_000 });
  expect(done).toEqual([['push-profile', true]]);
});

test('a worker that lives keeps its jobs, however long they take', async () => {
  await using bench = await createBench();
  await using locks = bench.locks();
  let begun = 0;
  const held = Promise.withResolvers<void>();
  await using _worker = await bench.worker(async () => {
    begun += 1;
    await held.promise;
  });
  await bench.enqueue('push-profile', { accountId: 'a' });
  await eventually('the job begins', async () => begun > 0);
  const abandoned = createAbandonedJobs({ pool: bench.pool, locks, logger });
  expect(await abandoned.release()).toEqual([]);
  expect(await abandoned.release()).toEqual([]);
  expect(await abandoned.release()).toEqual([]);
  held.resolve();
  await eventually('the queue is empty', async () => (await bench.waiting()) === 0);
  expect(begun).toBe(1);
});

test('a worker that lost its database connections goes on, and keeps its jobs from being given away', async () => {
  await using bench = await createBench();
  const begun: string[] = [];
  await using _worker = await bench.worker(async (name) => {
    begun.push(name);
  });
  await bench.enqueue('push-profile', { accountId: 'a' });
  await eventually('the first job runs', async () => begun.length === 1);
  await bench.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name in ('portico-worker', 'portico-locks')`,
  );
  await bench.enqueue('push-profile', { accountId: 'b' });
  await eventually('the second job runs', async () => begun.length === 2);
  await eventually('all pools of workers hold their locks again', async () => {
    const { rowCount } = await bench.pool.query(
      `select distinct objid from pg_locks where locktype = 'advisory' and classid = 8053
       and database = (select oid from pg_database where datname = current_database())`,
    );
    return rowCount === 4;
  });
});

test('a worker whose database is away for a while, in the middle of jobs, goes on when it is back', async () => {
  await using bench = await createBench();
  const url = new URL(bench.url);
  await using proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${proxy.port}`;
  const begun: string[] = [];
  const held = Promise.withResolvers<void>();
  await using _worker = await bench.worker(async (_name, { isRepeat }, payload) => {
    const place = begun.push(JSON.stringify(payload));
    if (isRepeat) return;
    await held.promise;
    // One after the other, as a database that goes away is noticed by one job after the other.
    await new Promise((resolve) => setTimeout(resolve, place * 20));
    throw new Error('the database is away');
  }, url.href);
  for (const accountId of ['a', 'b', 'c', 'd']) await bench.enqueue('push-profile', { accountId });
  await eventually('all four are under way', async () => begun.length === 4);
  await proxy.cut();
  const cutAt = performance.now();
  held.resolve();
  await eventually('they have tried to end', async () => performance.now() > cutAt + 500);
  await proxy.restore();
  await bench.enqueue('push-profile', { accountId: 'e' });
  await eventually('the fifth runs', async () => begun.includes('{"accountId":"e"}'), { deadlineMs: 15_000 });
  await eventually('the four run again', async () => begun.length >= 9, { deadlineMs: 15_000 });
});

test('jobs of one kind never hold up the mail', async () => {
  await using bench = await createBench();
  const held = Promise.withResolvers<void>();
  const sent: string[] = [];
  await using _worker = await bench.worker(async (name) => {
    if (name === 'send-mail') sent.push(name);
    else await held.promise;
  });
  for (let index = 0; index < 20; index++) await bench.enqueue('create-edx-account', { accountId: `${index}` });
  await bench.enqueue('send-mail', { sealed: 'x' });
  await eventually('the mail leaves', async () => sent.length === 1);
  held.resolve();
});

test('a lock admits one at a time, within a process and between sessions', async () => {
  await using database = await createTestDatabase();
  await using one = createAdvisoryLocks({ databaseUrl: database.url, logger });
  await using other = createAdvisoryLocks({ databaseUrl: database.url, logger });
  let inside = 0;
  let most = 0;
  const visit = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  const visits = Array.from({ length: 10 }, (_, index) =>
    (index % 2 ? one : other).run('x', visit, { waitMs: 10_000 }),
  );
  await Promise.all(visits);
  expect(most).toBe(1);

  const release = Promise.withResolvers<void>();
  const holding = one.run('y', () => release.promise);
  await eventually('y is taken', async () => (await other.notHeld(['y'])).length === 0);
  await expect(other.run('y', visit)).rejects.toBeInstanceOf(LockBusyError);
  release.resolve();
  await holding;
  await other.run('y', visit, { waitMs: 5_000 });
});

test('a job that plans itself again in a transaction is neither lost nor doubled', async () => {
  await using bench = await createBench();
  const runs: unknown[] = [];
  const orm = bench.orm;
  await using _worker = await bench.worker(async (_name, _run, payload) => {
    runs.push(payload);
    if (runs.length < 3)
      await orm.em.fork().transactional(async (tx) => {
        await enqueue(tx, 'push-profile', { accountId: 'a', waits: runs.length }, { key: 'profile:a' });
      });
  });
  await bench.enqueue('push-profile', { accountId: 'a' }, 'profile:a');
  await eventually('three runs', async () => runs.length === 3);
  await eventually('nothing runs', async () => (await bench.running()) === 0);
  expect(runs).toEqual([{ accountId: 'a' }, { accountId: 'a', waits: 1 }, { accountId: 'a', waits: 2 }]);
});

async function createBench() {
  const database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  const pool = new pg.Pool({ connectionString: database.url, max: 2, application_name: 'test' });
  pool.on('error', () => {});
  const count = async (where: string) => {
    const { rows } = await pool.query<{ count: string }>(`select count(*) from graphile_worker.jobs where ${where}`);
    return Number(rows[0]?.count);
  };
  const locks = () => createAdvisoryLocks({ databaseUrl: database.url, logger });
  return {
    url: database.url,
    orm,
    pool,
    locks,
    enqueue: (name: 'push-profile' | 'create-edx-account' | 'send-mail', payload: object, key?: string) =>
      enqueue(orm.em.fork(), name, payload as never, key ? { key } : {}),
    waiting: () => count('true'),
    running: () => count('locked_at is not null'),
    async worker(
      body: (name: JobName, run: { isRepeat: boolean }, payload: unknown) => Promise<void>,
      databaseUrl = database.url,
    ) {
      const own = createAdvisoryLocks({ databaseUrl, logger });
      const worker = await createWorker({
        databaseUrl,
        concurrency: 4,
        locks: own,
        jobs: everyJob((name, payload, run) => body(name, run, payload)),
        logger,
      });
      return {
        async [Symbol.asyncDispose]() {
          await worker[Symbol.asyncDispose]();
          await own[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await orm.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
