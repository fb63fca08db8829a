import type { Clock } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../logger.js';
import type { CallRecord, UpstreamCall } from '../upstream/call.js';
import type { UpstreamStatus } from '../upstream/status.js';
import { createUpstream, type Upstream } from '../upstream/upstream.js';
import { noCredentials, type WorkerCredentials } from '../upstream/worker-credentials.js';

/** Every call of Discovery, by the name that metrics and logs know it by. */
export type DiscoveryOperation = 'program.list' | 'program.list-by-uuid';

/** A call of Discovery: an upstream call whose operation is one of those that are listed. */
export type DiscoveryCall<T> = UpstreamCall<T> & { operation: DiscoveryOperation };

/** Discovery as this process reaches it. */
export interface DiscoveryClient extends AsyncDisposable {
  readonly baseUrl: string;
  /** @throws UpstreamUnavailableError, UpstreamRejectedError, or the signal's reason */
  request: <T>(call: DiscoveryCall<T>, options: Parameters<Upstream['call']>[1]) => Promise<T>;
  status(): UpstreamStatus;
}

/**
 * @param baseUrl - without trailing slash
 * @param workerJwt - the service worker's token, the one that calls of the LMS go out with
 */
export function createDiscoveryClient({
  baseUrl,
  workerJwt,
  ...options
}: {
  baseUrl: string;
  timeouts: Config['timeouts'];
  workerJwt: WorkerCredentials | undefined;
  logger: Logger;
  clock: Clock;
  onCall?: ((record: CallRecord) => void) | undefined;
  onBreaker?: ((status: UpstreamStatus) => void) | undefined;
}): DiscoveryClient {
  const upstream = createUpstream({
    ...options,
    upstream: 'discovery',
    baseUrl,
    budgets: {},
    logger: options.logger.child({ part: 'discovery' }),
    createWorkerCredentials: () => [workerJwt ?? noCredentials('discovery')],
  });
  return {
    baseUrl,
    request: upstream.call,
    status: upstream.status,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}
