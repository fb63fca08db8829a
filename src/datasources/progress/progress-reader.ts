import { LRUCache } from 'lru-cache';
import type { CostBook } from '../cost/cost-book.js';
import type { KeyedAnswers } from '../keyed-answers.js';
import type { LmsProgress, ProgressReads } from '../lms/progress.js';
import { createOneByOneReader } from '../one-by-one/one-by-one-reader.js';
import type { CallOptions } from '../upstream/call.js';

export interface ProgressKey {
  username: string;
  courseKey: string;
  /** Id of the LMS user, which the progress page goes by; undefined when nobody knows it. */
  userId: number | undefined;
}

/** Name of a progress among answers. */
export function progressKeyOf({ username, courseKey }: ProgressKey): string {
  return `${username.toLowerCase()} ${courseKey}`;
}

export interface ProgressReader {
  /** By {@link progressKeyOf}, one call each: the LMS has no list. Undefined when the learner does not take part. */
  readProgress(keys: readonly ProgressKey[], options: CallOptions): Promise<KeyedAnswers<LmsProgress | undefined>>;
}

/** For how long a run is taken to have a progress page, or none. */
const rememberMs = 15 * 60_000;
const runsRemembered = 5_000;

/**
 * Reads the progress page where the run has one, else its blocks. As long as that is not known of a run both are asked at once, so
 * that nobody waits for one after the other.
 */
export function createProgressReader(api: ProgressReads, costs: CostBook): ProgressReader {
  const hasPage = new LRUCache<string, { page: boolean }>({ max: runsRemembered, ttl: rememberMs });

  const readPage = async ({ courseKey }: ProgressKey, userId: number, options: CallOptions) => {
    const progress = await api.progressPage(courseKey, userId, options);
    hasPage.set(courseKey, { page: progress !== 'no-page' });
    return progress;
  };

  const read = async (key: ProgressKey, options: CallOptions): Promise<LmsProgress | undefined> => {
    const { courseKey, username, userId } = key;
    const readBlocks = () => api.blockProgress(courseKey, username, options);
    const known = hasPage.get(courseKey);
    if (userId === undefined || known?.page === false) return readBlocks();
    const page = readPage(key, userId, options);
    const blocks = known ? undefined : readBlocks();
    blocks?.catch(() => undefined);
    let progress: Awaited<typeof page>;
    try {
      progress = await page;
    } catch (error) {
      if (blocks) return blocks;
      throw error;
    }
    if (progress === 'no-page') return blocks ?? readBlocks();
    return progress === 'not-enrolled' ? undefined : progress;
  };

  return {
    readProgress: createOneByOneReader({
      plan: 'progress',
      endpoint: 'progress.read',
      costs,
      nameOf: progressKeyOf,
      read,
      rowsOf: () => 1,
    }),
  };
}
