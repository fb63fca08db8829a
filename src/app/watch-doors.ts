import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { registerBusMetrics } from '../http/bus-metrics.js';
import { registerHealth } from '../http/health.js';
import { listen } from '../http/listen.js';
import { registerLmsMetrics } from '../http/lms-metrics.js';
import { registerMetrics } from '../http/metrics.js';
import { registerWorkMetrics } from '../http/work-metrics.js';
import type { AppContext } from './context.js';
import { createHealthChecks } from './health-checks.js';

/** How far the process is, as it changes. */
export interface ProcessState {
  isStarted: boolean;
  isAccepting: boolean;
}

/** Registers what a process is watched by: `/health/…` and `/metrics`. */
export function registerWatchDoors(app: FastifyInstance, context: AppContext, state: ProcessState): void {
  const { metrics, services, lms, busConsumer, secrets, clock } = context;
  registerHealth(app, {
    isStarted: () => state.isStarted,
    isAccepting: () => state.isAccepting,
    ...createHealthChecks(context),
  });
  registerMetrics(app, metrics);
  registerWorkMetrics(metrics, services.figures.read);
  registerBusMetrics(metrics, { readFigures: busConsumer?.state, countParked: services.parkedEvents.count });
  registerLmsMetrics(metrics, {
    readState: () => lms.api.status(),
    credentials: secrets.lmsWorkerClient ? 'client_credentials' : 'static',
    now: clock,
  });
}

/**
 * Opens these doors, and no other, on a port of their own: for a process that only works.
 *
 * @throws when the port is taken
 */
export async function startWatchDoors(context: AppContext, port: number): Promise<AsyncDisposable> {
  const state: ProcessState = { isStarted: false, isAccepting: true };
  const loggerInstance: FastifyBaseLogger = context.logger.child({ part: 'watch' });
  const app = Fastify({ loggerInstance, disableRequestLogging: true });
  registerWatchDoors(app, context, state);
  await listen(app, { port, host: context.config.http.host });
  state.isStarted = true;
  return {
    async [Symbol.asyncDispose]() {
      state.isAccepting = false;
      await app.close();
    },
  };
}
