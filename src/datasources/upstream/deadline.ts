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
  readonly tryMs: number;
  remainingMs(): number;
}

/** Starts the time of a call, or of several calls that one caller waits for. */
export function startDeadline(purpose: Purpose, timeouts: Timeouts): Deadline {
  const totalMs = isAwaited(purpose) ? timeouts.requestMs : timeouts.jobMs;
  const endsAt = performance.now() + totalMs;
  return {
    tryMs: isAwaited(purpose) ? timeouts.tryMs : timeouts.jobMs,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
  };
}
