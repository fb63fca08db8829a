import { UpstreamUnavailableError } from '../errors.js';
import { type Health, UnwellError } from '../http/health.js';
import type { AppContext } from './context.js';

/** A job may wait for its turn; when all wait for so long, nobody takes them. */
const longestLagSeconds = 300;
const dayMs = 86_400_000;

/** What is looked at when somebody asks how Portico is. */
export function createHealthChecks({
  orm,
  lms,
  services: { figures },
  programUpstream,
  busConsumer,
  config,
  secrets,
  clock,
}: Pick<
  AppContext,
  'orm' | 'lms' | 'services' | 'programUpstream' | 'busConsumer' | 'config' | 'secrets' | 'clock'
>): Pick<Health, 'needed' | 'wanted' | 'facts'> {
  return {
    needed: {
      database: () => orm.em.fork().execute('select 1'),
      queue: () => orm.em.fork().execute('select 1 from graphile_worker.jobs limit 1'),
    },
    wanted: {
      lms: () => lms.api.heartbeat({ purpose: 'schedule' }),
      workerToken: () => checkWorkerToken(lms.api, config.lms.workerUsername),
      ...programUpstream.heartbeats,
      // Read by workers: whoever reads nothing of it has nothing to say.
      ...(busConsumer && {
        eventBus: async () => {
          const { isRunning, isReachable } = busConsumer.state();
          if (isRunning && !isReachable)
            throw new UnwellError(
              'The event bus does not answer: check OPENEDX_EVENT_BUS_REDIS_URL. Nothing is lost meanwhile.',
            );
        },
      }),
      jobs: async () => {
        const { queues } = await figures.read();
        const lagSeconds = Math.max(...Object.values(queues).map((queue) => queue.lagSeconds));
        if (lagSeconds > longestLagSeconds)
          throw new UnwellError(`Jobs have been due for ${Math.round(lagSeconds / 60)} minutes: is a worker running?`);
      },
    },
    facts() {
      const expiresAt = lms.api.status().tokenExpiresAt;
      return {
        workerToken: {
          credentials: secrets.lmsWorkerClient ? 'client_credentials' : 'static',
          expiresAt: expiresAt?.toISOString() ?? null,
          daysToExpiry: expiresAt ? Math.round(((expiresAt.getTime() - clock().getTime()) / dayMs) * 100) / 100 : null,
        },
      };
    },
  };
}

/** Reads something in the service worker's name: a token that is merely there may be refused. */
async function checkWorkerToken(api: AppContext['lms']['api'], username: string): Promise<void> {
  try {
    const [worker] = await api.accountsByUsername([username], { purpose: 'schedule' });
    if (!worker) throw new UnwellError('The LMS has no active user of the name OPENEDX_SERVICE_WORKER_USERNAME.');
  } catch (error) {
    if (error instanceof UpstreamUnavailableError && error.why === 'credentials')
      throw new UnwellError(
        'The service worker has no token that the LMS accepts: check OPENEDX_SERVICE_WORKER_CLIENT_ID and its secret, or OPENEDX_SERVICE_WORKER_API_TOKEN.',
        { cause: error },
      );
    throw error;
  }
}
