import type { Clock } from '../../clock.js';
import type { UpstreamName } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { type Breaker, type BreakerStatus, createBreaker } from './breaker.js';

export interface Breakers {
  /** The breaker of calls that fail together; made at first use. */
  of(family: string): Breaker;
  statuses(): Record<string, BreakerStatus>;
}

/**
 * One breaker per family of calls: an LMS whose grades are broken still answers enrollments, and one breaker for all of it
 * would hide them.
 *
 * @param onChange - told after each change of any of them
 */
export function createBreakers({
  upstream,
  clock,
  logger,
  onChange,
}: {
  upstream: UpstreamName;
  clock: Clock;
  logger: Logger;
  onChange?: (() => void) | undefined;
}): Breakers {
  const byFamily = new Map<string, Breaker>();
  return {
    of(family) {
      const known = byFamily.get(family);
      if (known) return known;
      const breaker = createBreaker({
        upstream,
        now: clock,
        onChange: ({ state, openedBy }) => {
          logger[state === 'closed' ? 'info' : 'warn'](
            { upstream, family, state, why: openedBy?.why, operation: openedBy?.operation },
            'circuit breaker changed',
          );
          onChange?.();
        },
      });
      byFamily.set(family, breaker);
      return breaker;
    },
    statuses: () => Object.fromEntries([...byFamily].map(([family, breaker]) => [family, breaker.status()])),
  };
}
