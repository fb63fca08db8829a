import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import type { JobRun } from '../../src/jobs/job.js';
import { type EnqueueOptions, enqueue, type JobName, type JobPayloads } from '../../src/jobs/queue.js';
import { createWorker } from '../../src/jobs/worker.js';
import { createAdvisoryLocks } from '../../src/locks/advisory-locks.js';
import { createLogger } from '../../src/logger.js';
import { everyJob } from '../integration/jobs/every-job.js';
import { eventually } from '../support/eventually.js';
import { type GraphSite, startGraphSite } from '../support/graph-site.js';
import { runCommand } from '../support/run-command.js';
import { createTestDatabase } from '../support/test-database.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

function portico(...args: string[]) {
  return porticoWith({}, ...args);
}

function porticoWith(env: Record<string, string>, ...args: string[]) {
  const { context, sandbox } = site.gateway;
  const settings = { DATABASE_URL: context.config.database.url, OPENEDX_API_BASE_URL: sandbox.lmsUrl };
  return runCommand([...args, '--json'], { ...settings, ...env });
}

/** A queue of its own, with as many workers as a test starts. */
async function createQueue() {
  const logger = createLogger('silent');
  const stack = new AsyncDisposableStack();
  const { url } = stack.use(await createTestDatabase());
  const orm = stack.adopt(createOrm({ url, poolSize: 2 }), (it) => it.close());
  return {
    url,
    em: () => orm.em.fork(),
    add: <Name extends JobName>(name: Name, payload: JobPayloads[Name], options: EnqueueOptions = {}) =>
      enqueue(orm.em.fork(), name, payload, options),
    async work(body: (name: JobName, payload: unknown, run: JobRun) => Promise<void>) {
      const locks = stack.use(createAdvisoryLocks({ databaseUrl: url, logger }));
      const jobs = everyJob(body);
      stack.use(await createWorker({ databaseUrl: url, concurrency: 2, bulkConcurrency: 2, locks, jobs, logger }));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('87: an operator names a person by id, e-mail address, username or LMS username; none and many are errors', async () => {
  const rose = await site.aPerson({ username: 'rose' });
  const lily = await site.aPerson({ username: 'lily' });
  const links = site.gateway.context.orm.em.fork();
  await links.nativeUpdate(EdxLinkEntity, { accountId: rose.id }, { edxUsername: 'Rose_LMS', edxUserId: 4711 });
  const found = async (who: string) => {
    const { status, stdout, stderr } = await portico('retire-account', who, '--dry-run');
    return status === 0 ? JSON.parse(stdout).username : { status, stderr };
  };

  for (const who of [rose.id, 'ROSE@Example.org', 'Rose', 'rose_lms', '4711']) expect(await found(who)).toBe('rose');
  expect(await found('nobody')).toEqual({ status: 1, stderr: 'There is no account “nobody”.\n' });
  expect(await found('4712')).toMatchObject({ status: 1 });

  await links.nativeUpdate(EdxLinkEntity, { accountId: lily.id }, { edxUsername: 'rose' });
  const many = await found('rose');
  expect(many).toMatchObject({ status: 1, stderr: expect.stringContaining(rose.id) });
  expect(many).toMatchObject({ stderr: expect.stringContaining(lily.id) });
  expect(await found(lily.id)).toBe('lily');
}, 120_000);

test('90: schedules lists what runs by the clock, with the settings applied, its last run and its next', async () => {
  const list = async (env: Record<string, string> = {}) => {
    const { status, stdout } = await porticoWith(env, 'schedules');
    expect(status).toBe(0);
    const { schedules }: { schedules: Record<string, unknown>[] } = JSON.parse(stdout);
    return new Map(schedules.map((schedule) => [schedule.name, schedule]));
  };
  await site.gateway.context.services.scheduleLog.run('sync-course-runs', async () => {});
  const failing = site.gateway.context.services.scheduleLog.run('check-drift', async () => {
    throw new TypeError('secret');
  });
  await expect(failing).rejects.toThrow('secret');

  const usual = await list();
  expect(usual.get('retry-enrollments')).toMatchObject({ when: 'every 1800 s', isOff: false, lastRunAt: null });
  expect(usual.get('repair-links')).toMatchObject({ when: 'every 1800 s, 900 s after the others' });
  expect(usual.get('sync-course-runs')).toMatchObject({ when: '10 0 * * *', outcome: 'done', error: null });
  expect(usual.get('sync-grades')).toMatchObject({ when: '25 0 * * *', isOff: false, lastRunAt: null });
  expect(usual.get('check-drift')).toMatchObject({ when: '40 3 * * *', outcome: 'failed', error: 'TypeError' });
  expect(usual.get('sync-course-runs')?.nextRunAt).toMatch(/T00:10:00\.000Z$/);

  const changed = await list({
    RETRY_FAILED_EDX_ENROLLMENT_FREQUENCY: '600',
    CRON_COURSERUN_SYNC_HOURS: '4',
    DISABLE_USER_REPAIR_TASK: 'true',
  });
  expect(changed.get('retry-enrollments')).toMatchObject({
    when: 'every 600 s',
    settings: { RETRY_FAILED_EDX_ENROLLMENT_FREQUENCY: 600 },
  });
  expect(changed.get('sync-course-runs')?.nextRunAt).toMatch(/T04:10:00\.000Z$/);
  expect(changed.get('repair-links')).toMatchObject({ isOff: true, nextRunAt: null });
}, 60_000);

test('90: runs of one schedule never overlap, however many workers there are', async () => {
  await using queue = await createQueue();
  let running = 0;
  let most = 0;
  let ended = 0;
  const body = async () => {
    running += 1;
    most = Math.max(most, running);
    await eventually('others had the chance to begin', async () => ended > 3 || running > 1, {
      deadlineMs: 300,
    }).catch(() => undefined);
    running -= 1;
    ended += 1;
  };
  await Promise.all([queue.work(body), queue.work(body)]);
  for (const key of ['a', 'b', 'c', 'd'])
    await queue.add('repair-links', {}, { key, queueName: 'schedule:repair-links', priority: 20 });
  await eventually('all have run', async () => ended === 4);
  expect(most).toBe(1);
}, 60_000);

test('90: a schedule whose switch is off does nothing when its time comes', async () => {
  const { scheduleLog } = site.gateway.context.services;
  let isDone = false;
  const task = async () => {
    isDone = true;
  };
  await scheduleLog.run('repair-links', task, { isOff: true });
  expect(isDone).toBe(false);
  expect(await scheduleLog.list()).toContainEqual(expect.objectContaining({ name: 'repair-links', outcome: 'off' }));
});

test('91: work of many rows never holds up what somebody waits for', async () => {
  await using queue = await createQueue();
  const release = Promise.withResolvers<void>();
  const done: string[] = [];
  let hanging = 0;
  await queue.work(async (name, payload) => {
    const { accountId = '' } = payload as { accountId?: string };
    if (accountId.startsWith('bulk')) {
      hanging += 1;
      await release.promise;
    }
    done.push(accountId || name);
  });
  for (let row = 0; row < 20; row += 1)
    await queue.add('create-edx-account', { accountId: `bulk-${row}` }, { priority: 10 });
  await eventually('bulk work has all its slots', async () => hanging === 2);
  await queue.add('create-edx-account', { accountId: 'somebody' });
  await queue.add('prune-expired', {}, { priority: 20 });
  await eventually('the others are done', async () => done.includes('somebody') && done.includes('prune-expired'));
  expect(hanging).toBe(2);
  release.resolve();
  await eventually('bulk work is done too', async () => done.length === 22);
}, 60_000);

test('91: pauses between tries grow, and differ between jobs that failed together', async () => {
  await using queue = await createQueue();
  await queue.work(async () => {
    throw new Error('no');
  });
  for (const accountId of ['a', 'b', 'c', 'd']) await queue.add('push-profile', { accountId });
  const pauses = await eventually('all have failed', async () => {
    const rows = await queue.em().execute<{ pause: number }[]>(
      `select extract(epoch from run_at - updated_at)::float8 as pause from graphile_worker.jobs
       where attempts = 1 and locked_at is null and last_error is not null`,
    );
    const all = rows.map(({ pause }) => pause);
    return all.length === 4 && new Set(all).size === 4 && all;
  });
  for (const pause of pauses) expect(pause).toBeGreaterThan(2.5);
}, 60_000);

test('91: jobs that failed for good are listed, and run again when somebody says so', async () => {
  await using queue = await createQueue();
  await queue.add('push-profile', { accountId: 'a' });
  await queue.add('send-mail', { sealed: 'secret' });
  await queue.em().execute(`update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'why'`);
  const run = async (...args: string[]) => {
    const { status, stdout } = await porticoWith({ DATABASE_URL: queue.url }, 'dead-jobs', ...args);
    return { status, ...JSON.parse(stdout) };
  };
  const listed = await run();
  expect(listed).toMatchObject({ status: 0, replayed: [] });
  expect(listed.deadJobs).toMatchObject([
    { job: 'push-profile', payload: { accountId: 'a' }, lastError: 'why' },
    { job: 'send-mail', payload: {}, lastError: 'why' },
  ]);
  const [first, second] = listed.deadJobs;
  expect(await run('--replay', first.id)).toMatchObject({ status: 0, replayed: [first.id] });
  const done: JobName[] = [];
  await queue.work(async (name) => {
    done.push(name);
  });
  await eventually('the job is done', async () => done.length > 0);
  expect(done).toEqual(['push-profile']);
  expect((await run()).deadJobs).toMatchObject([{ id: second.id }]);
  expect(await run('--replay', first.id)).toMatchObject({ status: 1, replayed: [] });
}, 60_000);

test('80: a repair of all says whom it would repair, then gives each the LMS user and the token; none is repaired twice', async () => {
  const { context } = site.gateway;
  const ivy = await site.aPerson({ username: 'ivy', isLinked: false });
  const em = context.orm.em.fork();
  await em.execute(`update account set created_at = now() - interval '1 hour' where id = ?`, [ivy.id]);
  await em.execute(`update edx_link set state = 'PENDING' where account_id = ?`, [ivy.id]);
  const wouldRepair = await portico('repair-missing-courseware-records', '--user', 'ivy', '--dry-run');
  expect(JSON.parse(wouldRepair.stdout)).toEqual({ dryRun: true, count: 1, learners: ['ivy'] });

  const { operations } = context.services;
  const { id } = await operations.begin('REPAIR_EDX_LINKS', { accountIds: [ivy.id] }, { accountId: null });
  expect(await operations.follow(id)).toMatchObject({ state: 'SUCCEEDED', done: 1, failed: 0 });
  const { rows } = await operations.rows(id, {}, { size: 10 });
  expect(rows).toMatchObject([{ key: 'ivy', outcome: 'OK', detail: { createdUser: true, createdToken: true } }]);

  const again = await operations.begin('REPAIR_EDX_LINKS', { accountIds: [ivy.id] }, { accountId: null });
  await operations.follow(again.id);
  expect((await operations.rows(again.id, {}, { size: 10 })).rows).toMatchObject([
    { outcome: 'OK', detail: { createdUser: false, createdToken: false } },
  ]);
}, 60_000);

test('92: purge deletes what has expired, in batches, and keeps what lives', async () => {
  const em = site.gateway.context.orm.em.fork();
  for (const [id, age] of [
    ['gone', '-1 hour'],
    ['live', '1 hour'],
  ])
    await em.execute(
      `insert into oidc_artifact (model, id, payload, expires_at, created_at)
       values ('AccessToken', ?, '{}', now() + ?::interval, now())`,
      [`purge-${id}`, age],
    );
  const names = async () =>
    (await em.execute<{ id: string }[]>(`select id from oidc_artifact where id like 'purge-%'`)).map(({ id }) => id);
  expect(await portico('purge', '--dry-run')).toMatchObject({ status: 0 });
  expect((await names()).toSorted()).toEqual(['purge-gone', 'purge-live']);
  const purged = await portico('purge');
  expect(JSON.parse(purged.stdout)).toMatchObject({ dryRun: false, isDone: true });
  expect(await names()).toEqual(['purge-live']);
}, 60_000);

describe('88: many are enrolled or unenrolled by a CSV file', () => {
  const course = 'course-v1:DemoU+BIO130+2026_T1';
  const write = async (text: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'portico-bulk-'));
    const path = join(folder, 'learners.csv');
    await writeFile(path, text);
    return path;
  };
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await portico('bulk-enroll', ...args);
    return { status, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
  };
  const stateOf = async (username: string) => {
    const { accounts, enrollments } = site.gateway.context.services;
    const account = await accounts.findByUsername(username);
    return account && (await enrollments.findFor(account.id, course))?.intent;
  };

  test('88: it shows what would be done, and does it when told to; each row says what became of it', async () => {
    for (const username of ['fern', 'moss']) await site.aPerson({ username });
    const path = await write(
      `\uFEFFEmail,Course_ID,mode\r\nfern@example.org,${course},\r\n"moss",${course},audit\r\nnobody,${course},\r\nfern,course-v1:No+Such+Run,\r\nfern\r\n`,
    );
    const outcomes = ({ rows }: { rows: { number: number; outcome: string }[] }) =>
      rows.map(({ number, outcome }) => [number, outcome]);
    const expected = [
      [2, 'OK'],
      [3, 'OK'],
      [4, 'NOT_FOUND'],
      [5, 'INVALID'],
      [6, 'INVALID'],
    ];
    const shown = await run(path);
    expect(shown).toMatchObject({ status: 1, dryRun: true, done: 5, failed: 3 });
    expect(outcomes(shown)).toEqual(expected);
    expect(await stateOf('fern')).toBeUndefined();

    const done = await run(path, '--commit');
    expect(done).toMatchObject({ status: 1, dryRun: false, state: 'PARTIAL' });
    expect(outcomes(done)).toEqual(expected);
    expect(await stateOf('fern')).toBe('ENROLL');
    const tasks = await site.gateway.context.orm.em
      .fork()
      .execute<{ task: string }[]>(
        `select task_identifier as task from graphile_worker.jobs where key like 'enroll:%' || ?`,
        [course],
      );
    expect(tasks.map(({ task }) => task)).toEqual(['bulk/perform-enrollment', 'bulk/perform-enrollment']);

    const unenrolled = await run(await write(`user,course\nmoss,${course}\n`), '--unenroll', '--commit');
    expect(unenrolled).toMatchObject({ status: 0, failed: 0 });
    expect(await stateOf('moss')).toBe('UNENROLL');
  }, 120_000);

  test('88: a file that is none is refused as a whole, and says why', async () => {
    expect(await run(await write('name,course\nx,y\n'))).toMatchObject({
      status: 1,
      stderr: 'The first line must name one column user, email or username.\n',
    });
    expect(await run(await write('user,course\n"x,y\n'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is not a CSV file'),
    });
    expect((await run('/nowhere.csv')).status).toBe(1);
  }, 120_000);
});
