import type { Clock } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { ClientCredentials, Secrets } from '../../config/secrets.js';
import type { Logger } from '../../logger.js';
import type { CallOptions, CallRecord } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { UpstreamStatus } from '../upstream/status.js';
import type { RawAnswer, RawRequest } from '../upstream/transport.js';
import { createUpstream, type Upstream } from '../upstream/upstream.js';
import type { WorkerCredentials } from '../upstream/worker-credentials.js';
import type { LmsCall } from './operations.js';
import { createStaticWorkerToken, createWorkerToken } from './worker-token.js';

/** The counters of the LMS's throttles: one per service user, shared by both, each with its own limit. */
export type LmsBudget = 'enrollment' | 'course-list';

/** The LMS as this process reaches it. The typed methods are in `lms-api.ts`; this is what they stand on. */
export interface LmsClient extends AsyncDisposable {
  /** As Portico reaches the LMS, and as browsers do; without trailing slash. */
  readonly baseUrl: string;
  readonly browserUrl: string;
  /** Names whose view of the LMS the answers are: cached values never cross from one to another. */
  readonly identity: string;
  readonly workerUsername: string;
  /** Bytes that a list may take in a query string, so that URL and token stay within the web server's limits. */
  readonly queryBytes: number;
  readonly apiClient: ClientCredentials;
  readonly registrationAccessToken: string | undefined;
  /** Of the LMS user that runs retirements, where one is configured. */
  readonly retirementCredentials: WorkerCredentials | undefined;
  /** The JWT of the service worker, which is all that some views and Discovery read; undefined without its OAuth client. */
  readonly workerJwt: WorkerCredentials | undefined;
  /** Provider id of Portico in the LMS, e.g. `oa2-ol-oauth2`; `backend` is the name without the prefix. */
  readonly providerId: string;
  readonly backend: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeouts: Upstream['timeouts'];
  /** @throws UpstreamUnavailableError, UpstreamRejectedError, or the signal's reason */
  request<T>(call: LmsCall<T>, options: CallOptions): Promise<T>;
  /**
   * One bare exchange with the LMS over the same pool, for pages and redirects: no token, cookies, retries or parsing; a
   * redirect is returned, not followed.
   *
   * @param request - `path` relative to `baseUrl`; `isWrite` says whether a lost answer may mean a done deed
   */
  exchange(request: Omit<RawRequest, 'signal'>, options: CallOptions): Promise<RawAnswer>;
  /** Whether a counted call would go out without waiting. */
  hasBudget(budget: LmsBudget, options: CallOptions): boolean;
  /** How much of the last minute's budget is used up: 0 when it is all there, 1 when a call would have to wait. */
  scarcity(budget: LmsBudget): number;
  /** The LMS users in whose names calls are counted; the first is the service worker. */
  readonly workerUsernames: readonly string[];
  /** Counts calls that another process made in the name of one of them. */
  countElsewhere(worker: number, calls: number): void;
  status(): UpstreamStatus;
}

/** A JWT takes about 1100 bytes of the request's head, an opaque token 30. */
const jwtQueryBytes = 2000;
const bearerQueryBytes = 3000;

/**
 * @param onCall - told about each finished call, for metrics
 * @param onCounted - told of each call that the LMS's throttle counts, and in whose name, so that other processes can count it too
 * @param onBreaker - told how the LMS is doing, after each move of a breaker
 */
export function createLmsClient({
  config,
  timeouts,
  secrets,
  logger,
  clock,
  onCall,
  onCounted,
  onBreaker,
}: {
  config: Config['lms'];
  timeouts: Config['timeouts'];
  secrets: Secrets;
  logger: Logger;
  clock: Clock;
  onCall?: ((record: CallRecord) => void) | undefined;
  onCounted?: ((worker: number) => void) | undefined;
  onBreaker?: ((status: UpstreamStatus) => void) | undefined;
}): LmsClient {
  const log = logger.child({ part: 'lms' });
  let workerJwt: WorkerCredentials | undefined;
  const upstream = createUpstream({
    upstream: 'lms',
    baseUrl: config.baseUrl,
    timeouts,
    budgets: {
      enrollment: config.enrollmentCallsPerMinute,
      'course-list': config.courseListCallsPerMinute,
    } satisfies Record<LmsBudget, number>,
    logger: log,
    clock,
    onCall,
    onCounted,
    onBreaker,
    createWorkerCredentials: (pipeline) => {
      workerJwt =
        secrets.lmsWorkerClient && createWorkerToken(pipeline, { client: secrets.lmsWorkerClient, clock, logger: log });
      return [
        workerJwt ?? createStaticCredentials(secrets.lmsWorkerToken, config.workerTokenExpiresAt),
        ...secrets.lmsMoreWorkers.map((client) => createWorkerToken(pipeline, { client, clock, logger: log })),
      ];
    },
  });
  return {
    baseUrl: config.baseUrl,
    browserUrl: config.browserUrl,
    identity: `${config.baseUrl} ${config.workerUsername}`,
    workerUsername: config.workerUsername,
    workerUsernames: [config.workerUsername, ...secrets.lmsMoreWorkers.map(({ username }) => username)],
    queryBytes: secrets.lmsWorkerClient || secrets.lmsMoreWorkers.length > 0 ? jwtQueryBytes : bearerQueryBytes,
    get apiClient() {
      if (!secrets.lmsApiClient) throw unavailable('lms', 'credentials');
      return secrets.lmsApiClient;
    },
    registrationAccessToken: secrets.lmsRegistrationToken,
    retirementCredentials:
      secrets.lmsRetirementClient &&
      createWorkerToken(upstream, { client: secrets.lmsRetirementClient, clock, logger: log }),
    workerJwt,
    providerId: `oa2-${config.backend}`,
    backend: config.backend,
    clock,
    logger: log,
    timeouts,
    request: upstream.call,
    exchange: upstream.exchange,
    hasBudget: (budget, options) => upstream.isOpen(budget, options),
    scarcity: (budget) => upstream.scarcity(budget),
    countElsewhere: upstream.countElsewhere,
    status: upstream.status,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}

function createStaticCredentials(token: string | undefined, expiresAt: Date | undefined): WorkerCredentials {
  if (token) return createStaticWorkerToken(token, expiresAt);
  const refuse = async () => {
    throw unavailable('lms', 'credentials');
  };
  return { authorization: refuse, reject: () => false, expiresAt: () => undefined };
}
