import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  SamplingBreaker,
} from 'cockatiel';
import { type UnavailableCause, type UpstreamName, UpstreamUnavailableError } from '../../errors.js';
import { unavailable } from './failure.js';

export type BreakerState = 'closed' | 'half-open' | 'open';

export interface BreakerStatus {
  state: BreakerState;
  /** When it left `closed`. */
  since: Date | undefined;
  /** What opened it. */
  why: UnavailableCause | undefined;
}

export interface Breaker {
  /** @throws UpstreamUnavailableError (`circuit-open`) without running `attempt` while the circuit is open */
  run<T>(attempt: () => Promise<T>): Promise<T>;
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
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof UpstreamUnavailableError && tripping.has(error.why)),
    {
      breaker: new SamplingBreaker({ threshold: 0.5, duration: sampleMs, minimumRps: minimumCallsPerSecond }),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: longestPauseMs }),
    },
  );
  let since: Date | undefined;
  let why: UnavailableCause | undefined;
  const status = (): BreakerStatus => ({ state: stateNames[policy.state], since, why });
  policy.onStateChange((state) => {
    if (state === CircuitState.Closed) [since, why] = [undefined, undefined];
    else since ??= now();
    const failure = policy.lastFailure;
    if (
      state === CircuitState.Open &&
      failure &&
      'error' in failure &&
      failure.error instanceof UpstreamUnavailableError
    )
      why = failure.error.why;
    onChange(status());
  });
  return {
    status,
    async run(attempt) {
      try {
        return await policy.execute(attempt);
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw unavailable(upstream, 'circuit-open', { cause: error });
        throw error;
      }
    },
  };
}
