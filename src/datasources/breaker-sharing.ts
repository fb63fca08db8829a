import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Change } from '../changes/change.js';
import type { ChangeFeed } from '../changes/change-feed.js';
import { publishChange } from '../changes/publish-change.js';
import type { Logger } from '../logger.js';
import type { UpstreamStatus } from './upstream/status.js';

export type UpstreamChange = Extract<Change, { topic: 'upstream' }>;

/** Tells all processes how an upstream is doing here, whenever one of its breakers moves. */
export interface BreakerSharing {
  /** Never makes a call wait, never fails. */
  moved(status: UpstreamStatus): void;
}

export function createBreakerSharing({
  em,
  changes,
  logger,
}: {
  em: EntityManager;
  changes: Pick<ChangeFeed, 'tellOwn'>;
  logger: Logger;
}): BreakerSharing {
  const self = randomUUID();
  return {
    moved(status) {
      const change = toUpstreamChange(status, self);
      publishChange(em.fork(), change).catch((error: unknown) => {
        logger.debug({ err: error }, 'other processes do not know of a breaker that moved');
        changes.tellOwn(change);
      });
    },
  };
}

/** @param by - names the process whose breakers these are */
export function toUpstreamChange(status: UpstreamStatus, by: string): UpstreamChange {
  const { upstream, breaker, breakerSince, breakerWhy } = status;
  return {
    topic: 'upstream',
    upstream,
    by,
    breaker,
    ...(breakerSince && { since: breakerSince.toISOString() }),
    ...(breakerWhy && { why: breakerWhy }),
  };
}
