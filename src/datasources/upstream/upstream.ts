import type { Clock } from '../../clock.js';
import {
  AppError,
  type UnavailableCause,
  type UpstreamName,
  UpstreamRejectedError,
  UpstreamUnavailableError,
} from '../../errors.js';
import type { Logger } from '../../logger.js';
import { limitTry, untilAborted } from './abort.js';
import { decodeAnswer } from './answer.js';
import { createBreakers } from './breakers.js';
import { type CallOptions, type CallRecord, priorityOf, type UpstreamAnswer, type UpstreamCall } from './call.js';
import { createConcurrencyGate } from './concurrency-gate.js';
import { type Deadline, startDeadline, type Timeouts } from './deadline.js';
import { unavailable } from './failure.js';
import { Health } from './health.js';
import { isAwaited } from './purpose.js';
import { composeRequest } from './request.js';
import { runWithRetries } from './retry.js';
import { createServiceWorkers, type ServiceWorker } from './service-workers.js';
import { composeStatus, type UpstreamStatus } from './status.js';
import { createTransport, type RawAnswer, type RawRequest } from './transport.js';
import { createWindowLimiter } from './window-limiter.js';
import type { WorkerCredentials } from './worker-credentials.js';

export interface UpstreamOptions {
  upstream: UpstreamName;
  /** Without trailing slash; may have a path. */
  baseUrl: string;
  timeouts: Timeouts;
  /** Most calls a minute that the upstream counts for the service worker, by budget. */
  budgets: Record<string, number>;
  logger: Logger;
  clock: Clock;
  /**
   * Made with the finished pipeline, since fetching a token is a call like any other. The first is the service worker; with more of
   * them, calls that the upstream counts are shared out.
   */
  createWorkerCredentials(upstream: Pick<Upstream, 'call'>): readonly [WorkerCredentials, ...WorkerCredentials[]];
  maxConcurrentCalls?: number | undefined;
  maxAnswerBytes?: number | undefined;
  /** Told about each finished call, for metrics; after whoever waits for its answer. */
  onCall?: ((record: CallRecord) => void) | undefined;
  /** Told of each counted call that goes out, and in the name of which service worker. */
  onCounted?: ((worker: number) => void) | undefined;
  /** Told how the upstream is doing, after each move of a breaker. */
  onBreaker?: ((status: UpstreamStatus) => void) | undefined;
}

/** One upstream: everything between "what to ask" and "what it answered". */
export interface Upstream extends AsyncDisposable {
  readonly name: UpstreamName;
  readonly baseUrl: string;
  readonly timeouts: Timeouts;
  /**
   * Makes one call: token, breaker, limiter, concurrency, try timeout, size limit, retries, parsing.
   *
   * @throws UpstreamUnavailableError, UpstreamRejectedError, or the signal's reason
   */
  call<T>(call: UpstreamCall<T>, options: CallOptions): Promise<T>;
  /** One bare exchange of the same pool: no token, retries or parsing; for walking through pages with own cookies. */
  exchange(request: Omit<RawRequest, 'signal'>, options: CallOptions): Promise<RawAnswer>;
  /** Whether a counted call would go out without waiting. */
  isOpen(budget: string, options: CallOptions): boolean;
  /** How much of a budget's window is used up: 0 when it is all there, 1 when a call would have to wait. */
  scarcity(budget: string): number;
  /** Counts calls that another process made in the name of one of the service workers. */
  countElsewhere(worker: number, calls: number): void;
  status(): UpstreamStatus;
}

const defaultConcurrency = 12;
/** A connection that has just brought an answer can be used again only a moment later: the next call need not wait for that. */
const spareConnections = 4;
const defaultMaxAnswerBytes = 8 * 1024 * 1024;

/** Builds the pipeline of one upstream. Nothing is called before the first call. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { upstream, baseUrl, timeouts, logger, clock, onCall } = options;
  const maxConcurrentCalls = options.maxConcurrentCalls ?? defaultConcurrency;
  const transport = createTransport({
    upstream,
    baseUrl,
    connections: maxConcurrentCalls + spareConnections,
    maxBytes: options.maxAnswerBytes ?? defaultMaxAnswerBytes,
  });
  const gate = createConcurrencyGate({
    upstream,
    limit: maxConcurrentCalls,
    backgroundLimit: Math.ceil(maxConcurrentCalls / 2),
  });
  const breakers = createBreakers({ upstream, clock, logger, onChange: () => options.onBreaker?.(status()) });
  const health = new Health();

  /** Sends one request within the try's time; `isWrite` decides what a lost answer means. */
  const send = async (request: Omit<RawRequest, 'signal'>, deadline: Deadline, options: CallOptions) => {
    const place = { priority: priorityOf(options), deadline, signal: options.signal };
    const leave = await gate.enter(!isAwaited(options.purpose), place);
    try {
      const tryMs = Math.max(1, Math.ceil(Math.min(deadline.tryMs, deadline.remainingMs())));
      using limit = limitTry(tryMs, options.signal);
      const sentAt = performance.now();
      const answer = await transport.exchange({ ...request, signal: limit.signal });
      options.onExchange?.(performance.now() - sentAt);
      return answer;
    } catch (error) {
      if (error instanceof AppError || options.signal?.aborted) throw error;
      throw unavailable(upstream, 'timeout', { mayHaveHappened: request.isWrite, cause: error });
    } finally {
      leave();
    }
  };

  const attempt = async <T>(
    call: UpstreamCall<T>,
    { authorization, worker: { limiter } }: Sent,
    deadline: Deadline,
    options: CallOptions,
  ): Promise<UpstreamAnswer> => {
    const { budget } = call;
    const place = { priority: priorityOf(options), deadline, signal: options.signal };
    const ticket = budget === undefined ? undefined : await limiter.admit(budget, place);
    let isCounted = true;
    try {
      const raw = await send(composeRequest(call, authorization, options.purpose), deadline, options);
      const { isIdempotent, reads500, isFile } = call;
      const answer = decodeAnswer(upstream, raw, { isWrite: !isIdempotent, reads500, isFile, now: clock() });
      // Refused before they reach the throttle.
      isCounted = answer.status !== 401 && answer.status !== 403;
      return answer;
    } catch (error) {
      if (error instanceof UpstreamUnavailableError) {
        isCounted =
          error.why !== 'throttled' && (error.why !== 'unreachable' || error.mayHaveHappened || call.isIdempotent);
        if (error.why === 'throttled' && budget !== undefined) limiter.pause(budget, error.retryAfterSeconds ?? 60);
      }
      throw error;
    } finally {
      if (isCounted) ticket?.spend();
      else ticket?.refund();
    }
  };

  /** What a call goes out with. Fetched before its tries begin: the worker's token has tries of its own. */
  const authorize = async <T>({ credentials: which, budget }: UpstreamCall<T>, options: CallOptions): Promise<Sent> => {
    if (which === 'none') return { authorization: undefined, worker: workers.pick(undefined) };
    if (which !== 'worker') return { authorization: which.authorization, worker: workers.pick(undefined) };
    const worker = workers.pick(budget);
    return { authorization: await worker.credentials.authorization(options), worker };
  };

  /** @param sent - what the call goes out with; renewed here, for its later tries too */
  const attemptWithCredentials = async <T>(
    call: UpstreamCall<T>,
    sent: Sent,
    deadline: Deadline,
    options: CallOptions,
  ) => {
    const run = () =>
      breakers.of(call.family).run(call.operation, () => attempt(call, sent, deadline, options), deadline);
    const answer = await run();
    if (answer.status !== 401 || call.credentials !== 'worker' || call.isOwn401?.(answer)) return answer;
    const { credentials } = sent.worker;
    if (sent.authorization !== undefined && credentials.reject(sent.authorization)) {
      sent.authorization = await credentials.authorization({ ...options, deadline });
      const second = await run();
      if (second.status !== 401 || call.isOwn401?.(second)) return second;
    }
    throw unavailable(upstream, 'credentials', { status: 401 });
  };

  const tell = (record: CallRecord) => {
    onCall?.(record);
    const { operation, status, outcome, why, tries, durationMs } = record;
    logger.debug({ operation, status, outcome, why, tries, ms: Math.round(durationMs) }, 'upstream call');
  };

  const call = async <T>(call: UpstreamCall<T>, options: CallOptions): Promise<T> => {
    const deadline = options.deadline ?? startDeadline(options.purpose, timeouts);
    const startedAt = performance.now();
    let tries = 0;
    let status = 0;
    const finish = (outcome: CallRecord['outcome'], why?: UnavailableCause) => {
      const durationMs = performance.now() - startedAt;
      // A call that was not made says nothing of the upstream.
      if (outcome !== 'aborted' && why !== 'circuit-open') health.record(durationMs, outcome === 'unavailable');
      const record = { upstream, operation: call.operation, status, outcome, why, durationMs, tries };
      // Whoever waits for the answer goes first.
      setImmediate(tell, record);
    };
    try {
      const run = async () => {
        const sent = await authorize(call, { ...options, deadline });
        return runWithRetries(
          async () => {
            tries += 1;
            const answer = await attemptWithCredentials(call, sent, deadline, options);
            status = answer.status;
            return readAnswer(upstream, call, answer);
          },
          { deadline, isIdempotent: call.isIdempotent },
        );
      };
      const value = await untilAborted(run(), options.signal);
      finish('ok');
      return value;
    } catch (error) {
      if (error instanceof UpstreamUnavailableError) {
        status = error.status ?? status;
        finish('unavailable', error.why);
      } else finish(error instanceof UpstreamRejectedError ? 'rejected' : 'aborted');
      throw error;
    }
  };

  const [credentials, ...others] = options.createWorkerCredentials({ call });
  const { budgets, onCounted } = options;
  const serviceWorker = (credentials: WorkerCredentials, index: number) => ({
    credentials,
    limiter: createWindowLimiter({ upstream, budgets, onAdmit: () => onCounted?.(index) }),
  });
  const workers = createServiceWorkers([
    serviceWorker(credentials, 0),
    ...others.map((other, index) => serviceWorker(other, index + 1)),
  ]);
  const status = (): UpstreamStatus =>
    composeStatus({ upstream, baseUrl, breakers, health, limiter: workers, tokenExpiresAt: credentials.expiresAt() });
  return {
    name: upstream,
    baseUrl,
    timeouts,
    call,
    exchange: (request, options) =>
      untilAborted(
        send(request, options.deadline ?? startDeadline(options.purpose, timeouts), options),
        options.signal,
      ),
    isOpen: (budget, options) => workers.isOpen(budget, priorityOf(options)),
    scarcity: workers.scarcity,
    countElsewhere: workers.countElsewhere,
    status,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** What a call goes out with, and in whose name it is counted. */
interface Sent {
  authorization: string | undefined;
  readonly worker: ServiceWorker;
}

/** A write whose success cannot be read has happened all the same. */
function readAnswer<T>(upstream: UpstreamName, call: UpstreamCall<T>, answer: UpstreamAnswer): T {
  try {
    return call.read(answer);
  } catch (error) {
    const isUnreadable = error instanceof UpstreamUnavailableError && error.why === 'bad-answer';
    if (!isUnreadable || call.isIdempotent || answer.status >= 400) throw error;
    throw unavailable(upstream, 'bad-answer', { status: answer.status, mayHaveHappened: true, cause: error.cause });
  }
}
