import { latencyMs, priceOf, scoreOf } from '../cost/estimates.js';
import type { Cost } from '../cost/recorded-costs.js';

export type GradeStep =
  | { kind: 'single'; courseKey: string; username: string }
  /** All active learners of the run, page by page; after each page the rest is planned again. */
  | { kind: 'scan'; courseKey: string; usernames: string[]; pageSize: number };

/** What earlier scans taught about the number of active learners of a run. */
export interface CourseSize {
  rows: number;
  /** Whether a scan came to the end; otherwise the number is guessed from those who were found. */
  isComplete: boolean;
}

export interface GradePlanOptions {
  single: Cost;
  page: Cost;
  sizeOf(courseKey: string): CourseSize | undefined;
  /** Calls that the LMS works on side by side for this read. */
  workers: number;
}

export interface GradePlan {
  steps: GradeStep[];
  estimateMs: number;
  /** Expected calls of each kind. */
  calls: { singles: number; pages: number };
}

const pageSizes = [50, 100, 200, 500] as const;
/** First page of a run of unknown size: what is found on it tells how the rest is read best. */
const firstPageSize = 200;
const unknownRows = 200;
/** A page that takes longer is a risk of its own: it is cut off at the end of a try, and all its work is lost. */
const longestPageMs = 1000;

interface CourseChoice {
  courseKey: string;
  usernames: string[];
  singlesMs: number;
  scanMs: number;
  pages: number;
  pageSize: number;
}

/**
 * Exact grades at the least cost: for each course run single reads or the pages of a scan. Pages of one run follow each other,
 * single reads go side by side, so that a scan may be less work and take longer all the same: the plan is the best of those that
 * let runs be scanned up to some length of scan.
 */
export function planGrades(
  wanted: readonly { courseKey: string; username: string }[],
  options: GradePlanOptions,
): GradePlan {
  const choices = [...Map.groupBy(wanted, (want) => want.courseKey)].map(([courseKey, wants]) =>
    toChoice(courseKey, wants, options),
  );
  const isLessWork = (choice: CourseChoice) => choice.scanMs < choice.singlesMs;
  const lengths = [0, ...new Set(choices.filter(isLessWork).map((choice) => choice.scanMs))];
  const [best] = lengths
    .map((longestMs) => {
      const isScanned = (choice: CourseChoice) => isLessWork(choice) && choice.scanMs <= longestMs;
      const work = workOf(choices, isScanned, options.single);
      return { isScanned, work, score: scoreOf(work, options.workers) };
    })
    .sort((a, b) => a.score - b.score);
  if (!best) return { steps: [], estimateMs: 0, calls: { singles: 0, pages: 0 } };
  const scanned = choices.filter(best.isScanned).sort((a, b) => b.scanMs - a.scanMs);
  const others = choices.filter((choice) => !best.isScanned(choice));
  const singles = others.flatMap(({ courseKey, usernames }) =>
    usernames.map((username): GradeStep => ({ kind: 'single', courseKey, username })),
  );
  return {
    steps: [
      ...scanned.map(
        ({ courseKey, usernames, pageSize }): GradeStep => ({ kind: 'scan', courseKey, usernames, pageSize }),
      ),
      ...singles,
    ],
    estimateMs: latencyMs(best.work, options.workers),
    calls: { singles: singles.length, pages: scanned.reduce((sum, { pages }) => sum + pages, 0) },
  };
}

/**
 * Rows of a run, guessed from those found on its first pages: wanted learners are taken to be spread evenly.
 *
 * @param wanted - learners looked for
 * @param found - those of them on the pages
 * @param rowsRead - rows of all pages so far
 */
export function guessRows(wanted: number, found: number, rowsRead: number): number {
  return Math.ceil((rowsRead * (wanted + 1)) / (found + 1));
}

function toChoice(
  courseKey: string,
  wants: readonly { username: string }[],
  { single, page, sizeOf }: GradePlanOptions,
): CourseChoice {
  const usernames = [...new Map(wants.map(({ username }) => [username.toLowerCase(), username])).values()];
  const size = sizeOf(courseKey);
  const rows = size?.rows ?? Math.max(unknownRows, usernames.length);
  const pageSize = size ? pageSizeFor(rows, page) : Math.min(firstPageSize, largestPage(page));
  const pages = Math.max(1, Math.ceil(rows / pageSize));
  return {
    courseKey,
    usernames,
    singlesMs: usernames.length * priceOf(single, 1),
    scanMs: pages * page.callMs + rows * page.rowMs,
    pages,
    pageSize,
  };
}

/** The smallest that takes all rows, with room for some more; else the largest. */
function pageSizeFor(rows: number, page: Cost): number {
  const largest = largestPage(page);
  return pageSizes.find((size) => size >= rows * 1.1 && size <= largest) ?? largest;
}

function largestPage(page: Cost): number {
  return pageSizes.findLast((size) => priceOf(page, size) <= longestPageMs) ?? pageSizes[0];
}

function workOf(choices: readonly CourseChoice[], isScanned: (choice: CourseChoice) => boolean, single: Cost) {
  let longestChainMs = 0;
  let totalMs = 0;
  for (const choice of choices) {
    const scans = isScanned(choice);
    longestChainMs = Math.max(longestChainMs, scans ? choice.scanMs : priceOf(single, 1));
    totalMs += scans ? choice.scanMs : choice.singlesMs;
  }
  return { longestChainMs, totalMs };
}
