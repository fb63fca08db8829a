import type { Task, TaskList } from 'graphile-worker';
import pg from 'pg';
import { AppError } from '../errors.js';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import { createAbandonedJobs } from './abandoned-jobs.js';
import { createCronItems } from './cron-items.js';
import type { JobRun, Jobs } from './job.js';
import type { JobName } from './queue.js';
import { type QueueClass, queueClassOf, tasksOf } from './queue-class.js';
import { startRunner } from './runner.js';
import type { Schedule } from './schedule.js';

/** Runs jobs until disposed. Any number of processes may have one. */
export interface Worker extends AsyncDisposable {}

/** Jobs that never wait for the LMS have slots of their own, so that mail leaves while the LMS hangs. */
const localJobs: ReadonlySet<string> = new Set<JobName>(['send-mail', 'export-data', 'advance-enrollment-move']);
/** Slots of the work that does not wait for the LMS, and of what the clock begins. */
const localConcurrency = 3;
const scheduledConcurrency = 3;

const abandonedLookMs = 2_000;
/** When stopping, jobs may finish for so long before the calls that they wait for are ended. */
const patienceMs = 3_000;

/**
 * @param databaseUrl - `postgres://…` of the queue; a direct connection
 * @param concurrency - interactive jobs at a time that wait for the LMS
 * @param bulkConcurrency - jobs at a time that concern many rows; they never take a slot of the interactive ones
 * @param schedules - what runs by the clock; nothing when left out
 * @param endCalls - ends the calls that jobs wait for, when the worker stops and its patience is over
 */
export async function createWorker({
  databaseUrl,
  concurrency,
  bulkConcurrency = 2,
  schedules = [],
  locks,
  jobs,
  logger,
  endCalls = async () => {},
}: {
  databaseUrl: string;
  concurrency: number;
  bulkConcurrency?: number;
  schedules?: readonly Schedule[];
  locks: AdvisoryLocks;
  jobs: Jobs;
  logger: Logger;
  endCalls?: () => Promise<void>;
}): Promise<Worker> {
  // Each runner listens and schedules on connections of its own; what the jobs themselves ask goes elsewhere.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: Math.ceil((concurrency + bulkConcurrency) / 2) + 10,
    application_name: 'portico-worker',
    keepAlive: true,
  });
  const onError = (error: Error) => logger.warn({ err: error }, 'the worker lost a connection');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  const stop = new AbortController();
  const tasks = createTasks(jobs, logger, stop.signal);
  const ofClass = (wanted: QueueClass) => pick(tasks, (task) => queueClassOf(task) === wanted);
  const interactive = ofClass('interactive');
  const cronItems = createCronItems(schedules);
  const stops = await Promise.all(
    [
      { tasks: pick(interactive, (task) => !localJobs.has(task)), concurrency, cronItems },
      { tasks: pick(interactive, (task) => localJobs.has(task)), concurrency: localConcurrency },
      { tasks: ofClass('bulk'), concurrency: bulkConcurrency },
      { tasks: ofClass('scheduled'), concurrency: scheduledConcurrency },
    ].map((options) => startRunner({ cronItems: [], ...options, pool, locks, logger })),
  );
  const abandoned = createAbandonedJobs({ pool, locks, logger });
  const looks = setInterval(() => {
    abandoned.release().catch((error) => logger.warn({ err: error }, 'could not look for abandoned jobs'));
  }, abandonedLookMs);

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(looks);
      stop.abort();
      const impatience = setTimeout(() => {
        endCalls().catch((error) => logger.warn({ err: error }, 'calls under way could not be ended'));
      }, patienceMs);
      await Promise.all(stops.map((stop) => stop()));
      clearTimeout(impatience);
      await pool.end();
    },
  };
}

/** Wraps each job for the queue: its failure is logged once, here, and returned to the queue to be run again. */
function createTasks(jobs: Jobs, logger: Logger, signal: AbortSignal): TaskList {
  const tasks: TaskList = {};
  for (const [name, job] of Object.entries(jobs)) {
    const task: Task = async (payload, { job: { id, attempts } }) => {
      try {
        // The queue's payloads are typed where they are added, see JobPayloads.
        await (job as (payload: unknown, run: JobRun) => Promise<void>)(payload, {
          isRepeat: attempts > 1,
          signal,
        });
      } catch (error) {
        const level = error instanceof AppError && error.retryable ? 'warn' : 'error';
        logger[level]({ err: error, job: name, jobId: id, attempts }, 'a job failed and will be run again');
        throw error;
      }
    };
    for (const queued of tasksOf(name as JobName)) tasks[queued] = task;
  }
  return tasks;
}

function pick(tasks: TaskList, isWanted: (task: string) => boolean): TaskList {
  return Object.fromEntries(Object.entries(tasks).filter(([task]) => isWanted(task)));
}
