import type { UpstreamFailure } from '../entities/upstream-failure.js';
import { type UnavailableCause, UpstreamRejectedError, UpstreamUnavailableError } from '../errors.js';

/**
 * How a failed call of an upstream counts. `permanent`: the row's own fault, it uses up attempts. `transient`: this call went
 * wrong. `system-wide`: the upstream takes nobody's calls. The latter two never use up an attempt.
 */
export type TroubleClass = 'permanent' | 'transient' | 'system-wide';

const systemWide: ReadonlySet<UnavailableCause> = new Set(['unreachable', 'throttled', 'circuit-open', 'credentials']);
/** Answers of whatever stands before the upstream, while the upstream itself is away. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

export type UpstreamTrouble = UpstreamUnavailableError | UpstreamRejectedError;

/** Whether an error is an upstream's doing. Anything else is a bug, or our own database. */
export function isUpstreamTrouble(error: unknown): error is UpstreamTrouble {
  return error instanceof UpstreamUnavailableError || error instanceof UpstreamRejectedError;
}

/** Whether a failed call counts against the row, against this one call, or against the whole upstream. */
export function classifyTrouble(error: UpstreamTrouble): TroubleClass {
  if (error instanceof UpstreamRejectedError) return 'permanent';
  const isGateway = error.status !== undefined && gatewayStatuses.has(error.status);
  return systemWide.has(error.why) || isGateway ? 'system-wide' : 'transient';
}

/** Whether a write may have taken effect although its answer is missing: read before doing it again. */
export function mayHaveHappened(error: UpstreamTrouble): boolean {
  return error instanceof UpstreamUnavailableError && error.mayHaveHappened;
}

/** What is stored beside the row, for a person to read, while the request is to be made again. */
export function describeTrouble(error: UpstreamTrouble, at: Date): UpstreamFailure {
  return {
    upstream: error.upstream,
    code: error instanceof UpstreamRejectedError ? `refused-${error.status}` : error.why,
    message: error.message,
    retryable: true,
    at: at.toISOString(),
  };
}

/** What is stored of a request that the upstream refused for good: nothing follows until it is wanted anew. */
export function describeRefusal(error: UpstreamRejectedError, at: Date): UpstreamFailure {
  return { ...describeTrouble(error, at), retryable: false };
}

/** Whether asking once more, with nothing changed, can only be refused once more. */
export function isRefusal(error: unknown): error is UpstreamRejectedError {
  return isUpstreamTrouble(error) && error instanceof UpstreamRejectedError && classifyTrouble(error) === 'permanent';
}

const firstPauseMs = 2_000;

/**
 * Longest pauses. Short ones for about the first hour, so that what waits is back within half a minute of its upstream. A call
 * that alone keeps failing while the upstream works is asked less and less.
 */
const caps = {
  'system-wide': { shortTries: 120, shortMs: 30_000, longMs: 5 * 60_000 },
  transient: { shortTries: 20, shortMs: 30_000, longMs: 30 * 60_000 },
  permanent: { shortTries: 20, shortMs: 30_000, longMs: 30 * 60_000 },
} as const;

/** An upstream asks for more than this only where it guesses, e.g. limits per week. */
const longestAskedForMs = { short: 60_000, long: 10 * 60_000 };

/**
 * How long a row waits before its next try: doubling, with jitter, and not less than the upstream asked for within reason.
 *
 * @param waits - how often it waited before
 * @param random - 0 to 1
 */
export function pauseBeforeRetryMs(error: UpstreamTrouble, waits: number, random: number = Math.random()): number {
  const { shortTries, shortMs, longMs } = caps[classifyTrouble(error)];
  const isEarly = waits < shortTries;
  const pauseMs = Math.min(isEarly ? shortMs : longMs, firstPauseMs * 2 ** Math.min(waits, 20));
  const askedForMs = error instanceof UpstreamUnavailableError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const floorMs = Math.min(askedForMs, isEarly ? longestAskedForMs.short : longestAskedForMs.long);
  return Math.max(pauseMs * (0.5 + random / 2), floorMs * (1 + random / 10));
}
