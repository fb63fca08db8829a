import { LRUCache } from 'lru-cache';
import type { CourseSize } from './plan.js';

/** How many active learners course runs have, as far as scans came to know. */
export interface CourseSizes {
  of(courseKey: string): CourseSize | undefined;
  /** A guess does not replace a count that it agrees with. */
  learn(courseKey: string, size: CourseSize): void;
}

const sizesRemembered = 5000;
/** Runs grow and empty, slowly. */
const rememberMs = 24 * 3_600_000;

export function createCourseSizes(): CourseSizes {
  const sizes = new LRUCache<string, CourseSize>({ max: sizesRemembered, ttl: rememberMs });
  return {
    of: (courseKey) => sizes.get(courseKey),
    learn(courseKey, size) {
      const known = sizes.get(courseKey);
      if (!size.isComplete && known?.isComplete && known.rows >= size.rows) return;
      sizes.set(courseKey, size);
    },
  };
}
