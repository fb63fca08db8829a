import type { UnavailableCause, UpstreamName } from '../../errors.js';
import type { BreakerState, BreakerStatus } from './breaker.js';
import type { Breakers } from './breakers.js';
import type { Health, HealthSnapshot } from './health.js';
import type { LimiterSnapshot, WindowLimiter } from './window-limiter.js';

/** What an operator wants to know of an upstream, taken at one moment. */
export interface UpstreamStatus extends HealthSnapshot {
  upstream: UpstreamName;
  baseUrl: string;
  /** The worst state of all its breakers. */
  breaker: BreakerState;
  /** Since when it is not `closed`, and what opened it. */
  breakerSince: Date | undefined;
  breakerWhy: UnavailableCause | undefined;
  /** By family of calls; only families that were called. */
  breakers: Record<string, BreakerStatus>;
  limiter: LimiterSnapshot;
  /** Of the service worker's token; undefined when there is none yet, or a static one without known end. */
  tokenExpiresAt: Date | undefined;
}

const severity: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };

/** What is said of an upstream: its worst breaker, its last calls, its budget and when its token ends. */
export function composeStatus({
  upstream,
  baseUrl,
  breakers,
  health,
  limiter,
  tokenExpiresAt,
}: {
  upstream: UpstreamName;
  baseUrl: string;
  breakers: Breakers;
  health: Health;
  limiter: Pick<WindowLimiter, 'snapshot'>;
  tokenExpiresAt: Date | undefined;
}): UpstreamStatus {
  const statuses = breakers.statuses();
  const worst = Object.values(statuses).sort((a, b) => severity[b.state] - severity[a.state])[0];
  return {
    upstream,
    baseUrl,
    breaker: worst?.state ?? 'closed',
    breakerSince: worst?.since,
    breakerWhy: worst?.openedBy?.why,
    breakers: statuses,
    limiter: limiter.snapshot(),
    tokenExpiresAt,
    ...health.snapshot(),
  };
}
