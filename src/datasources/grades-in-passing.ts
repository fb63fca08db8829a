import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { GradeKey } from './grade/grade-reader.js';
import type { LmsGrade } from './lms/grades.js';
import type { LmsApi } from './lms/lms-api.js';
import type { CallOptions } from './upstream/call.js';

/** Watches which grades are asked for one by one, and reads whole course runs when that is cheaper for the LMS. */
export interface GradesInPassing extends Disposable {
  /** These grades had to be asked of the LMS, together. Never makes anybody wait. */
  asked(keys: readonly GradeKey[]): void;
}

/** Milliseconds that the LMS works for the grade of one learner, and for a page of 200 of a run. */
const singleMs = 31;
const pageMs = 344;
/** What is asked of a run counts for so long. */
const windowMs = 60_000;
/** A run whose size is not known is taken for one of so many pages. */
const presumedPages = 4;
/** Runs at a time: the LMS's workers are there for those who wait. */
const scansAtOnce = 2;
/** So many learners of a run, wanted together, were perhaps read by its pages: such a read is cheap already. */
const manyTogether = 4;
const runsRemembered = 5_000;

const behind: CallOptions = { purpose: 'refresh', priority: 'bulk' };

interface Run {
  /** When single grades were asked for, since the last scan. */
  askedAt: number[];
  /** Learned by scanning; of one that was not read to its end, a guess. */
  pages: number;
  isWaiting: boolean;
}

/**
 * As soon as the single grades of a run have cost the LMS as much as reading the run would, the run is read, for all who ask next:
 * whatever they ask, the LMS works at most about twice as long as it would had everything been known before.
 *
 * @param onGrades - told the grades of a page, of whomever they are, and since when they are true at the latest
 */
export function createGradesInPassing({
  api,
  onGrades,
  clock,
  logger,
}: {
  api: Pick<LmsApi, 'gradePages'>;
  onGrades: (grades: readonly LmsGrade[], asOf: Date) => void;
  clock: Clock;
  logger: Logger;
}): GradesInPassing {
  const runs = new LRUCache<string, Run>({ max: runsRemembered });
  const waiting: string[] = [];
  let scanning = 0;
  const leaving = new AbortController();

  const scan = async (courseKey: string, run: Run) => {
    const asOf = clock();
    const mostPages = 2 * run.pages;
    run.askedAt = [];
    let pages = 0;
    let isComplete = false;
    try {
      for await (const { rows, cursor } of api.gradePages(courseKey, { ...behind, signal: leaving.signal })) {
        pages += 1;
        onGrades(rows, asOf);
        isComplete = cursor === undefined;
        if (pages >= mostPages) break;
      }
    } catch (error) {
      logger.debug({ err: error, courseKey }, 'the grades of a course run could not be read in passing');
      return;
    }
    // A longer run than was thought: it takes more asking until it is read again.
    run.pages = isComplete ? Math.max(1, pages) : 2 * mostPages;
  };
  const next = () => {
    while (scanning < scansAtOnce && !leaving.signal.aborted) {
      const courseKey = waiting.shift();
      const run = courseKey === undefined ? undefined : runs.get(courseKey);
      if (courseKey === undefined) return;
      if (!run) continue;
      scanning += 1;
      void scan(courseKey, run).then(() => {
        run.isWaiting = false;
        scanning -= 1;
        next();
      });
    }
  };

  return {
    asked(keys) {
      const now = clock().getTime();
      for (const [courseKey, wanted] of Map.groupBy(keys, (key) => key.courseKey)) {
        if (wanted.length >= manyTogether) continue;
        const run = runs.get(courseKey) ?? { askedAt: [], pages: presumedPages, isWaiting: false };
        run.askedAt = run.askedAt.filter((at) => now - at < windowMs);
        for (const _ of wanted) run.askedAt.push(now);
        runs.set(courseKey, run);
        if (run.isWaiting || run.askedAt.length * singleMs < run.pages * pageMs) continue;
        run.isWaiting = true;
        waiting.push(courseKey);
      }
      next();
    },
    [Symbol.dispose]: () => leaving.abort(),
  };
}
