import { type Runner, run, type TaskList, Logger as WorkerLogger } from 'graphile-worker';
import type pg from 'pg';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import { presenceLock } from './abandoned-jobs.js';
import { cronItems } from './schedule.js';

export interface RunnerOptions {
  pool: pg.Pool;
  locks: AdvisoryLocks;
  tasks: TaskList;
  concurrency: number;
  /** Whether this runner adds the jobs of the schedule. */
  isScheduler: boolean;
  logger: Logger;
}

/** How soon a job is found whose time has come; new jobs are announced and found at once. */
const pollMs = 1_000;
const restartDelayMs = 1_000;
/** Longer than the worker gives jobs to end by themselves; what still hangs then is left to the next worker. */
const shutdownMs = 8_000;

/**
 * Starts a runner of the queue and starts it again when it gives up, as it does after losing the database for long.
 *
 * @returns how to stop: jobs under way may finish for some seconds, then they go back to the queue
 */
export async function startRunner(options: RunnerOptions): Promise<() => Promise<void>> {
  let isStopping = false;
  let restart: NodeJS.Timeout | undefined;
  let current: Runner | undefined;

  const start = async () => {
    const poolIds = new Set<string>();
    const runner = await run({
      pgPool: options.pool,
      taskList: options.tasks,
      concurrency: options.concurrency,
      parsedCronItems: options.isScheduler ? cronItems : [],
      noHandleSignals: true,
      pollInterval: pollMs,
      logger: new WorkerLogger(() => (level, message) => log(options.logger, level, message)),
      preset: { plugins: [presencePlugin(options.locks, poolIds)] },
    });
    current = runner;
    runner.promise
      .catch((error) => options.logger.error({ err: error }, 'the job runner stopped'))
      .finally(async () => {
        current = undefined;
        await Promise.all([...poolIds].map((id) => options.locks.drop(presenceLock(id))));
        if (!isStopping) startAgainSoon();
      });
  };
  const startAgainSoon = () => {
    restart = setTimeout(() => start().catch(startAgainSoon), restartDelayMs);
  };

  await start();
  return async () => {
    isStopping = true;
    clearTimeout(restart);
    const runner = current;
    if (!runner) return;
    const { promise: killed, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => void runner.kill('shutting down').then(resolve, resolve), shutdownMs);
    // A job that waits for a hanging LMS is not waited for: it is back in the queue, and what it comes to is read then.
    await Promise.race([killed, runner.stop().then(() => runner.promise)]).catch(() => undefined);
    clearTimeout(timer);
  };
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

/** The library is chatty at `info`; its failures of jobs are told by the jobs themselves. */
function log(logger: Logger, level: string, message: string): void {
  if (level === 'error') logger.error(message);
  else if (level === 'warning') logger.warn(message);
  else logger.debug(message);
}
