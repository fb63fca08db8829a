import type { FastifyInstance } from 'fastify';
import { createJobs } from '../jobs/jobs.js';
import { createSchedules } from '../jobs/schedule.js';
import { createWorker, type Worker } from '../jobs/worker.js';
import { type AppContext, type ContextOptions, type ContextOverrides, createContext } from './context.js';
import { startWatchDoors } from './watch-doors.js';
import { startWeb } from './web-server.js';

/** Which halves of Portico this process runs. */
export interface AppParts {
  web?: boolean;
  worker?: boolean;
}

export interface AppOptions extends ContextOptions {
  /** Both when left out. */
  parts?: AppParts;
  /** Runs before the first request and the first job. */
  prepare?: (context: AppContext) => Promise<void>;
}

/** A running Portico. Disposing it stops taking requests, lets the running ones end, and closes what it opened. */
export interface App extends AsyncDisposable {
  /** Without trailing slash. */
  url: string;
  context: AppContext;
  /** Absent when only the worker runs. */
  httpServer: FastifyInstance | undefined;
  /** Absent when only the web half runs. */
  worker: Worker | undefined;
}

/**
 * Builds and starts Portico: the only place, with what it calls beside it, where its parts meet.
 *
 * @param overrides - replaces parts of the context; for tests
 * @throws when the port is taken, or the database does not answer or is not migrated
 */
export async function createApp(options: AppOptions, overrides: ContextOverrides = {}): Promise<App> {
  const { parts = { web: true, worker: true }, prepare } = options;
  await using stack = new AsyncDisposableStack();
  const context = stack.use(await createContext(options, overrides));
  await prepare?.(context);
  // The worker starts last and stops first: while it works, the LMS calls back.
  const httpServer = parts.web ? stack.use(await startWeb(context)).app : undefined;
  const { watchPort } = context.config.jobs;
  if (!parts.web && watchPort !== undefined) stack.use(await startWatchDoors(context, watchPort));
  const worker = parts.worker ? stack.use(await startWorker(context)) : undefined;
  const resources = stack.move();
  return {
    url: context.config.http.publicUrl,
    context,
    httpServer,
    worker,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startWorker({ config, locks, lms, services, busConsumer, logger }: AppContext): Promise<Worker> {
  const schedules = createSchedules(config.schedule);
  const log = logger.child({ part: 'jobs' });
  await services.courseRuns.syncIfEmpty();
  busConsumer?.start();
  return createWorker({
    databaseUrl: config.database.url,
    concurrency: config.jobs.concurrency,
    bulkConcurrency: config.jobs.bulkConcurrency,
    schedules,
    locks,
    jobs: createJobs(services, log, schedules),
    logger: log,
    endCalls: async () => {
      await lms.client[Symbol.asyncDispose]();
    },
  });
}
