import type { CostBook } from '../cost/cost-book.js';
import type { GradePage, LmsGrade } from '../lms/grades.js';
import { PageGuard } from '../upstream/page-argument.js';
import type { CourseSizes } from './course-sizes.js';
import { guessRows, planGrades } from './plan.js';

export interface WantedOfCourse {
  courseKey: string;
  usernames: readonly string[];
  pageSize: number;
}

interface ScanOptions {
  readPage(courseKey: string, page: { size: number; cursor: string | undefined }): Promise<GradePage>;
  sizes: CourseSizes;
  costOf: CostBook['costOf'];
  /** Calls that the LMS works on side by side for each of the scans under way. */
  workers: number;
}

/** By lower-cased username. An error ended the scan before those who are missing could be found. */
export interface Scanned {
  found: ReadonlyMap<string, LmsGrade>;
  /** False when the LMS has no such run, and so no grade in it. */
  hasCourse: boolean;
  error?: unknown;
}

const maxPages = 1000;

/**
 * Reads the grades of a run page by page until the wanted learners are found, the run ends, or single reads of the rest have
 * become the better plan: pages show how many learners the run has, which was a guess at first.
 */
export function createScan({ readPage, sizes, costOf, workers }: ScanOptions) {
  return async ({ courseKey, usernames, pageSize }: WantedOfCourse): Promise<Scanned> => {
    const found = new Map<string, LmsGrade>();
    const guard = new PageGuard('lms', maxPages);
    const missing = () => usernames.filter((name) => !found.has(name.toLowerCase()));
    let size = pageSize;
    let rowsRead = 0;
    let cursor: string | undefined;
    try {
      for (;;) {
        const page = await readPage(courseKey, { size, cursor });
        if (!page.hasCourse) return { found, hasCourse: false };
        for (const row of page.rows) found.set(row.username.toLowerCase(), row);
        if (page.cursor === undefined) {
          sizes.learn(courseKey, { rows: rowsRead + page.rows.length, isComplete: true });
          return { found, hasCourse: true };
        }
        // Rows whose grading fails are missing, so that full pages count as full.
        rowsRead += size;
        const rest = missing();
        const guess = guessRows(usernames.length, usernames.length - rest.length, rowsRead);
        sizes.learn(courseKey, { rows: guess, isComplete: false });
        if (rest.length === 0) return { found, hasCourse: true };
        const known = sizes.of(courseKey);
        const rows = Math.max(1, (known?.isComplete ? known.rows : guess) - rowsRead);
        const { steps } = planGrades(
          rest.map((username) => ({ username, courseKey })),
          {
            single: costOf('grade.read'),
            page: costOf('grade.list'),
            sizeOf: () => ({ rows, isComplete: false }),
            workers,
          },
        );
        const [next] = steps;
        if (next?.kind !== 'scan') return { found, hasCourse: true };
        size = next.pageSize;
        cursor = guard.follow(page.cursor);
      }
    } catch (error) {
      return { found, hasCourse: true, error };
    }
  };
}
