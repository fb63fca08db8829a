export type GradeStep =
  | { kind: 'single'; courseKey: string; username: string }
  /** All active learners of the run, page by page, until the wanted ones are found or `maxPages` are read. */
  | { kind: 'scan'; courseKey: string; usernames: string[]; maxPages: number };

/** What an earlier scan taught about the number of active learners of a run. */
export interface CourseSize {
  rows: number;
  /** Whether the scan came to the end; otherwise there are more. */
  isComplete: boolean;
}

export interface GradePlanOptions {
  pageSize: number;
  sizeOf(courseKey: string): CourseSize | undefined;
}

/** Below it single reads are taken even where a scan would be one call: each takes the LMS 30 ms, a page ten times as long. */
const minScanUsers = 4;

/**
 * Exact grades: for each course run as many single reads as learners are wanted, or the pages of a scan, whichever is fewer.
 * A run of unknown size is scanned for at most half as many pages as single reads would be; the rest is read singly then.
 */
export function planGrades(
  wanted: readonly { courseKey: string; username: string }[],
  { pageSize, sizeOf }: GradePlanOptions,
): GradeStep[] {
  const byCourse = Map.groupBy(wanted, (want) => want.courseKey);
  return [...byCourse].flatMap(([courseKey, wants]): GradeStep[] => {
    const usernames = [...new Map(wants.map(({ username }) => [username.toLowerCase(), username])).values()];
    const maxPages = pagesWorthReading(usernames.length, pageSize, sizeOf(courseKey));
    if (maxPages > 0) return [{ kind: 'scan', courseKey, usernames, maxPages }];
    return usernames.map((username) => ({ kind: 'single', courseKey, username }));
  });
}

/** @returns 0 when single reads are fewer */
function pagesWorthReading(users: number, pageSize: number, size: CourseSize | undefined): number {
  if (users < minScanUsers) return 0;
  const half = Math.floor(users / 2);
  if (size === undefined) return half;
  const pages = Math.ceil(size.rows / pageSize);
  if (size.isComplete) return pages < users ? Math.max(1, pages) : 0;
  // At least one more page than was read.
  return pages + 1 <= half ? half : 0;
}
