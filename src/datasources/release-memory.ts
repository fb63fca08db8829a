import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';

/** Parts of the LMS's API that some releases lack, or whose filters they ignore. */
export type LmsFeature = 'enrollment-list' | 'enrollment-usernames' | 'enrollment-course-keys' | 'course-keys';

/** What was found missing in the LMS at hand. Forgotten after a while, since an LMS is upgraded now and then. */
export interface ReleaseMemory {
  has(feature: LmsFeature): boolean;
  rememberMissing(feature: LmsFeature): void;
}

const rememberMs = 15 * 60_000;

export function createReleaseMemory({ clock, logger }: { clock: Clock; logger: Logger }): ReleaseMemory {
  const missingSince = new Map<LmsFeature, number>();
  return {
    has(feature) {
      const since = missingSince.get(feature);
      return since === undefined || clock().getTime() - since > rememberMs;
    },
    rememberMissing(feature) {
      missingSince.set(feature, clock().getTime());
      logger.warn({ feature }, 'the LMS lacks a feature; slower calls stand in for it');
    },
  };
}
