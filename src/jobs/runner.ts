import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'graphile-worker';
import {
  type ParsedCronItem,
  type Runner,
  run,
  type Task,
  type TaskList,
  Logger as WorkerLogger,
} from 'graphile-worker';
import type pg from 'pg';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import { presenceLock } from './abandoned-jobs.js';

export interface RunnerOptions {
  pool: pg.Pool;
  locks: AdvisoryLocks;
  tasks: TaskList;
  concurrency: number;
  /** The schedules whose jobs this runner adds. */
  cronItems: ParsedCronItem[];
  logger: Logger;
}

/** How soon a job is found whose time has come; new jobs are announced and found at once. */
const pollMs = 1_000;
const restartDelayMs = 1_000;
/** Longer than the worker gives jobs to end by themselves; what still hangs then is left to the next worker. */
const shutdownMs = 8_000;

/**
 * Starts a runner of the queue, and another one whenever it gives up, as it does when it cannot tell the database how a job
 * ended.
 *
 * @returns how to stop: jobs under way may finish for some seconds, then they go back to the queue
 */
export async function startRunner(options: RunnerOptions): Promise<() => Promise<void>> {
  let isStopping = false;
  let restart: NodeJS.Timeout | undefined;
  let current: OneRunner;

  const start = async () => {
    current = await startOne(options, replace);
  };
  const replace = () => {
    if (isStopping) return;
    options.logger.warn('the job runner gave up; another one takes over');
    // Its jobs may end yet; then, or after a while, they go back to the queue.
    void current.end();
    startSoon();
  };
  const startSoon = () => {
    restart = setTimeout(() => {
      if (!isStopping) start().catch(startSoon);
    }, restartDelayMs);
  };

  await start();
  return async () => {
    isStopping = true;
    clearTimeout(restart);
    await current.end();
  };
}

interface OneRunner {
  /** Takes no more jobs; resolves when those under way have ended, or their time is up. */
  end(): Promise<void>;
}

/** @param onGivenUp - called once when it stops by itself */
async function startOne(options: RunnerOptions, onGivenUp: () => void): Promise<OneRunner> {
  const { locks, logger } = options;
  const poolIds = new Set<string>();
  const events = new EventEmitter();
  spreadRetries(events, options);
  const underWay = new Set<Promise<unknown>>();
  const runner: Runner = await run({
    pgPool: options.pool,
    taskList: watch(options.tasks, underWay),
    concurrency: options.concurrency,
    parsedCronItems: options.cronItems,
    noHandleSignals: true,
    pollInterval: pollMs,
    events,
    logger: new WorkerLogger(() => (level, message) => log(logger, level, message)),
    preset: {
      plugins: [presencePlugin(locks, poolIds)],
      // Only the batched ways of ending a job catch a lost database; the others end the process (unhandled rejection).
      worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
  });
  let isOver = false;
  let hasGivenUp = false;
  const settled = runner.promise.catch((error) => logger.error({ err: error }, 'the job runner failed'));
  const giveUp = () => {
    if (isOver) return;
    isOver = true;
    hasGivenUp = true;
    // After the caller has what it is about to be told of.
    setImmediate(onGivenUp);
  };
  // The promise alone would not do: after some failures the library's own shutdown never comes to an end.
  events.once('pool:gracefulShutdown', giveUp);
  void settled.then(giveUp);
  return {
    async end() {
      isOver = true;
      runner.stop().catch(() => undefined);
      // After giving up it ends no job any more, so that there is nothing to wait for but the jobs themselves.
      const ended = hasGivenUp ? Promise.allSettled(underWay) : settled;
      await Promise.race([ended, delay(shutdownMs, undefined, { ref: false })]);
      void runner.kill('its time is up').catch(() => undefined);
      await Promise.race([settled, delay(restartDelayMs, undefined, { ref: false })]);
      await Promise.all([...poolIds].map((id) => locks.drop(presenceLock(id))));
    },
  };
}

/** The queue's own pauses grow with the tries and are the same for all: what failed together would come back together. */
const longestSpread = 0.25;

function spreadRetries(events: EventEmitter, { pool, logger }: Pick<RunnerOptions, 'pool' | 'logger'>): void {
  const onComplete: (event: { job: Job; error: unknown }) => void = ({ job: { id, attempts }, error }) => {
    if (!error) return;
    const pauseSeconds = Math.exp(Math.min(attempts, 10)) * (1 + Math.random() * longestSpread);
    pool
      .query(
        `select graphile_worker.reschedule_jobs(array[$1::bigint], run_at => now() + $2::float8 * interval '1 second')`,
        [id, pauseSeconds],
      )
      .catch((cause: unknown) => logger.warn({ err: cause, jobId: id }, 'the pause of a job could not be spread'));
  };
  events.on('job:complete', onComplete);
}

/** Keeps account of the jobs that run. */
function watch(tasks: TaskList, underWay: Set<Promise<unknown>>): TaskList {
  const watched = Object.entries(tasks).map(([name, task]) => {
    const run: Task = (payload, helpers) => {
      const job = Promise.resolve(task?.(payload, helpers));
      underWay.add(job);
      return job.finally(() => underWay.delete(job)).then(() => undefined);
    };
    return [name, run];
  });
  return Object.fromEntries(watched);
}

/** Takes the presence lock of a pool before any of its workers may take a job. */
function presencePlugin(locks: AdvisoryLocks, poolIds: Set<string>): GraphileConfig.Plugin {
  return {
    name: 'PresencePlugin',
    version: '1.0.0',
    worker: {
      hooks: {
        startWorker: async (_context, { worker }) => {
          poolIds.add(worker.workerPool.id);
          await locks.hold(presenceLock(worker.workerPool.id));
        },
      },
    },
  };
}

/** The library is chatty at `info`; failures of jobs are told by whoever wraps them. */
function log(logger: Logger, level: string, message: string): void {
  if (level === 'error') logger.error(message);
  else if (level === 'warning') logger.warn(message);
  else logger.debug(message);
}
