import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBackoffFactory,
  SamplingBreaker,
} from 'cockatiel';
import { type UnavailableCause, type UpstreamName, UpstreamUnavailableError } from '../../errors.js';
import type { Deadline } from './deadline.js';
import { unavailable } from './failure.js';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** One failed call, as an operator wants to know it. */
export interface CallFailure {
  /** Name of the call, e.g. `grade.read`. */
  operation: string;
  why: UnavailableCause;
  /** HTTP status, where there was one. */
  status: number | undefined;
  at: Date;
}

export interface BreakerStatus {
  state: BreakerState;
  /** When it left `closed`. */
  since: Date | undefined;
  /** What opened it. */
  openedBy: CallFailure | undefined;
  /** The last failure that spoke against the upstream, also while it is closed. */
  lastFailure: CallFailure | undefined;
  /** While it is open: the first call after this goes out, and tries whether the trouble is over. */
  nextProbeAt: Date | undefined;
}

export interface Breaker {
  /**
   * @param operation - name of the call, for the record
   * @param deadline - how long to wait for another call that tries whether the trouble is over
   * @throws UpstreamUnavailableError (`circuit-open`) without running `attempt` while the circuit is open
   */
  run<T>(operation: string, attempt: () => Promise<T>, deadline?: Pick<Deadline, 'remainingMs'>): Promise<T>;
  status(): BreakerStatus;
}

/** Failures that say the upstream is ill. A throttle, a refusal or one odd answer do not. */
const tripping = new Set<UnavailableCause>(['unreachable', 'timeout', 'server-error']);

const sampleMs = 10_000;
/** At least five failures within the sample open the circuit. */
const minimumCallsPerSecond = 0.5;
const firstPauseMs = 1000;
const longestPauseMs = 15_000;

const stateNames: Record<CircuitState, BreakerState> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

/**
 * A circuit breaker for calls that fail together: opens when more than half of the recent tries failed, lets one probe
 * through after a pause, and pauses longer each time the probe fails.
 *
 * @param onChange - told about each change of state
 */
export function createBreaker({
  upstream,
  now,
  onChange,
}: {
  upstream: UpstreamName;
  now: () => Date;
  onChange: (status: BreakerStatus) => void;
}): Breaker {
  let since: Date | undefined;
  let openedBy: CallFailure | undefined;
  let lastFailure: CallFailure | undefined;
  let nextProbeAt: Date | undefined;
  /** The same pauses, each noted when it begins. */
  const noted = (pauses: IBackoffFactory<unknown>): IBackoffFactory<unknown> => ({
    next(context) {
      const pause = pauses.next(context);
      nextProbeAt = new Date(now().getTime() + pause.duration);
      return { duration: pause.duration, next: noted(pause).next };
    },
  });
  const policy = circuitBreaker(handleWhen(isTripping), {
    breaker: new SamplingBreaker({ threshold: 0.5, duration: sampleMs, minimumRps: minimumCallsPerSecond }),
    halfOpenAfter: noted(new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: longestPauseMs })),
  });
  const status = (): BreakerStatus => ({ state: stateNames[policy.state], since, openedBy, lastFailure, nextProbeAt });
  policy.onStateChange((state) => {
    if (state === CircuitState.Closed) [since, openedBy] = [undefined, undefined];
    else since ??= now();
    if (state === CircuitState.Open) openedBy = lastFailure;
    else nextProbeAt = undefined;
    onChange(status());
  });
  const observed =
    <T>(operation: string, attempt: () => Promise<T>) =>
    async () => {
      try {
        return await attempt();
      } catch (error) {
        if (isTripping(error)) lastFailure = { operation, why: error.why, status: error.status, at: now() };
        throw error;
      }
    };
  return {
    status,
    async run(operation, attempt, deadline) {
      const call = observed(operation, attempt);
      try {
        if (!deadline || policy.state !== CircuitState.HalfOpen) return await policy.execute(call);
        return await startWithin(deadline, (start) => policy.execute(() => start(call)));
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw unavailable(upstream, 'circuit-open', { cause: error });
        throw error;
      }
    },
  };
}

function isTripping(error: unknown): error is UpstreamUnavailableError {
  return error instanceof UpstreamUnavailableError && tripping.has(error.why);
}

/**
 * Runs what may have to wait before it starts. What has not started at the deadline never will, so that nothing happens that its
 * caller was told had not.
 */
async function startWithin<T>(
  deadline: Pick<Deadline, 'remainingMs'>,
  run: (start: (attempt: () => Promise<T>) => Promise<T>) => Promise<T>,
): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    reject(new BrokenCircuitError());
  }, deadline.remainingMs());
  const start = (attempt: () => Promise<T>) => {
    clearTimeout(timer);
    return isOver ? tooLate : attempt();
  };
  return Promise.race([run(start), tooLate]).finally(() => clearTimeout(timer));
}
