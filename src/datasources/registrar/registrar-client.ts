import type { Clock } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../logger.js';
import type { CallOptions, CallRecord, UpstreamCall } from '../upstream/call.js';
import type { UpstreamStatus } from '../upstream/status.js';
import { createUpstream, type Upstream } from '../upstream/upstream.js';
import { noCredentials, type WorkerCredentials } from '../upstream/worker-credentials.js';

/** Every call of a Registrar, by the name that metrics and logs know it by. */
export type RegistrarOperation =
  | 'health.read'
  | 'program.list'
  | 'program.read'
  | 'program-run.list'
  | 'program-enrollment.begin-list'
  | 'program-course-enrollment.begin-list'
  | 'program-grade.begin-list'
  | 'program-enrollment.write'
  | 'job.read'
  | 'job-result.read';

/** A call of a Registrar: an upstream call whose operation is one of those that are listed. */
export type RegistrarCall<T> = UpstreamCall<T> & { operation: RegistrarOperation };

/** A Registrar as this process reaches it. */
export interface RegistrarClient extends AsyncDisposable {
  readonly baseUrl: string;
  /** How long one of its jobs may take. */
  readonly jobMs: number;
  /** Origins that result files may be at. */
  readonly resultOrigins: readonly string[];
  /** @throws UpstreamUnavailableError, UpstreamRejectedError, or the signal's reason */
  request<T>(call: RegistrarCall<T>, options: CallOptions): Promise<T>;
  /**
   * A call of a place where result files are. Credentials are none of its business: the address carries its own.
   *
   * @param origin - one of {@link resultOrigins}
   */
  requestFile<T>(origin: string, call: RegistrarCall<T> & { credentials: 'none' }, options: CallOptions): Promise<T>;
  status(): UpstreamStatus;
}

/** A file of a hundred thousand learners has some twelve megabytes. */
const maxResultBytes = 64 * 1024 * 1024;

/**
 * @param baseUrl - without `/api` and trailing slash
 * @param resultOrigins - beside its own: where it keeps result files
 * @param workerJwt - the service worker's token, the one that calls of the LMS go out with
 */
export function createRegistrarClient({
  config: { baseUrl, resultOrigins, jobMs },
  workerJwt,
  ...options
}: {
  config: { baseUrl: string; resultOrigins: readonly string[]; jobMs: number };
  timeouts: Config['timeouts'];
  workerJwt: WorkerCredentials | undefined;
  logger: Logger;
  clock: Clock;
  onCall?: ((record: CallRecord) => void) | undefined;
  onBreaker?: ((status: UpstreamStatus) => void) | undefined;
}): RegistrarClient {
  const shared = {
    ...options,
    upstream: 'registrar' as const,
    budgets: {},
    logger: options.logger.child({ part: 'registrar' }),
  };
  const upstream = createUpstream({
    ...shared,
    baseUrl,
    createWorkerCredentials: () => [workerJwt ?? noCredentials('registrar')],
  });
  const origins = [...new Set([new URL(baseUrl).origin, ...resultOrigins])];
  const files = new Map<string, Upstream>(
    origins.map((origin) => [
      origin,
      createUpstream({
        ...shared,
        // A place of files that fails says nothing of the Registrar itself.
        onBreaker: undefined,
        baseUrl: origin,
        maxAnswerBytes: maxResultBytes,
        createWorkerCredentials: () => [noCredentials('registrar')],
      }),
    ]),
  );
  return {
    baseUrl,
    jobMs,
    resultOrigins: origins,
    request: upstream.call,
    requestFile(origin, call, callOptions) {
      const place = files.get(origin);
      if (!place) throw new Error(`no result files are at ${origin}`);
      return place.call(call, callOptions);
    },
    status: upstream.status,
    async [Symbol.asyncDispose]() {
      await Promise.all([upstream, ...files.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
