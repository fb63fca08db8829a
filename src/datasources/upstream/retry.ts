import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { UpstreamUnavailableError } from '../../errors.js';
import type { Deadline } from './deadline.js';

const maxRetries = 2;
const firstDelayMs = 100;
const longestDelayMs = 2000;
/** A try that has less time than this is not worth its call. */
const shortestTryMs = 50;

/**
 * Tries again what may help to try again: at most twice, after a growing delay with full jitter or after what
 * `Retry-After` asks, and only if that ends before the deadline.
 *
 * @param isIdempotent - otherwise only failures that cannot have had an effect are tried again
 */
export function runWithRetries<T>(
  attempt: () => Promise<T>,
  {
    deadline,
    isIdempotent,
    random = Math.random,
  }: { deadline: Deadline; isIdempotent: boolean; random?: () => number },
): Promise<T> {
  let retries = 0;
  let delayMs = 0;
  const policy = retry(
    handleWhen((error) => {
      if (!(error instanceof UpstreamUnavailableError) || !mayHelp(error)) return false;
      if (error.mayHaveHappened && !isIdempotent) return false;
      delayMs = delayBefore(retries, error, random);
      retries += 1;
      return delayMs + shortestTryMs < deadline.remainingMs();
    }),
    { maxAttempts: maxRetries, backoff: new DelegateBackoff(() => delayMs) },
  );
  return policy.execute(attempt);
}

function mayHelp({ why, retryAfterSeconds, cause }: UpstreamUnavailableError): boolean {
  if (why === 'throttled') return retryAfterSeconds !== undefined;
  // A cut-off answer, which is broken JSON or a network error, may come whole the next time; one of the wrong shape or size will not.
  if (why === 'bad-answer') return cause instanceof SyntaxError || (cause instanceof Error && 'code' in cause);
  return why === 'unreachable' || why === 'timeout' || why === 'server-error';
}

function delayBefore(retries: number, error: UpstreamUnavailableError, random: () => number): number {
  const jittered = random() * Math.min(longestDelayMs, firstDelayMs * 4 ** retries);
  return Math.max(jittered, (error.retryAfterSeconds ?? 0) * 1000);
}
