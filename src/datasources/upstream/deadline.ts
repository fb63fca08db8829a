import { isAwaited, type Purpose } from './purpose.js';

export interface Timeouts {
  /** For one try of a call that a person waits for. */
  tryMs: number;
  /** For such a call in all, waiting in line and retries included. */
  requestMs: number;
  /** For a call of a background job, in all. */
  jobMs: number;
}

/** When a call must be over. Measured by the monotonic clock: stepping the system time neither cuts nor prolongs it. */
export interface Deadline {
  /** When whoever waits began to, by the monotonic clock: of equals in a line those who have waited longest go first. */
  readonly since: number;
  readonly tryMs: number;
  remainingMs(): number;
}

/**
 * Starts the time of a call, or of several calls that one caller waits for.
 *
 * @param since - when the caller began to wait, for a call that is given its full time on the way
 */
export function startDeadline(purpose: Purpose, timeouts: Timeouts, since = performance.now()): Deadline {
  const totalMs = isAwaited(purpose) ? timeouts.requestMs : timeouts.jobMs;
  const endsAt = performance.now() + totalMs;
  return {
    since,
    tryMs: isAwaited(purpose) ? timeouts.tryMs : timeouts.jobMs,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
  };
}
