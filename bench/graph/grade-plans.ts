import { costOf } from '../../sandbox/control/recorded-costs.js';
import type { GradeReads } from '../../src/datasources/lms/grades.js';

/** The page: these learners in each of these course runs. */
export interface GradePage {
  usernames: readonly string[];
  courseKeys: readonly string[];
  /** Active learners of each run. */
  runSize: number;
}

/** A fixed way to read it: some runs by single reads, the others by scans, so many calls at a time. */
export interface FixedPlan {
  runsBySingles: number;
  pageSize: number;
  concurrency: number;
}

export const pageSizes = [50, 100, 200, 500] as const;
/** The most that the recorded LMS works on at a time. */
export const mostConcurrency = 8;

const path = '/api/grades/v1/courses/course-v1:A+B+C/';
const singleMs = costOf({ method: 'GET', path, rawQuery: 'username=a' }, 1);
const pageMs = (rows: number) => costOf({ method: 'GET', path, rawQuery: 'page_size=1' }, rows);
const options = { purpose: 'job' } as const;

export function describePlan({ runsBySingles, pageSize, concurrency }: FixedPlan, { courseKeys }: GradePage): string {
  const scans = courseKeys.length - runsBySingles;
  const parts = [
    ...(runsBySingles > 0 ? [`${runsBySingles} runs singly`] : []),
    ...(scans > 0 ? [`${scans} runs by pages of ${pageSize}`] : []),
  ];
  return `${parts.join(', ')}, ${concurrency} at a time`;
}

/** Every plan there is. */
export function allPlans({ courseKeys }: GradePage): FixedPlan[] {
  const concurrencies = Array.from({ length: mostConcurrency }, (_, index) => mostConcurrency - index);
  const splits = Array.from({ length: courseKeys.length + 1 }, (_, runsBySingles) => runsBySingles);
  return concurrencies.flatMap((concurrency) =>
    splits.flatMap((runsBySingles) =>
      // Without a scan its page size is no difference.
      (runsBySingles === courseKeys.length ? [pageSizes[0]] : pageSizes).map((pageSize) => ({
        runsBySingles,
        pageSize,
        concurrency,
      })),
    ),
  );
}

/** No run of the plan can be faster: the recorded costs alone take so long. */
export function floorMs({ runsBySingles, pageSize, concurrency }: FixedPlan, page: GradePage): number {
  const scans = page.courseKeys.length - runsBySingles;
  const pages = Math.ceil(page.runSize / pageSize);
  const scanMs = pages * pageMs(0) + page.runSize * (pageMs(1) - pageMs(0));
  const singles = runsBySingles * page.usernames.length;
  const workMs = scans * scanMs + singles * singleMs;
  return Math.max(scans > 0 ? scanMs : 0, singles > 0 ? singleMs : 0, workMs / concurrency);
}

/** Reads the page by the plan. @returns how many grades it found */
export async function runPlan(plan: FixedPlan, page: GradePage, api: GradeReads): Promise<number> {
  const wanted = new Set(page.usernames);
  let found = 0;
  const readSingle = async (courseKey: string, username: string) => {
    if (await api.gradesOf(courseKey, username, options)) found += 1;
  };
  const scan = async (courseKey: string) => {
    let cursor: string | undefined;
    do {
      const { rows, cursor: next } = await api.gradePage(courseKey, { size: plan.pageSize, cursor }, options);
      found += rows.filter(({ username }) => wanted.has(username)).length;
      cursor = next;
    } while (cursor !== undefined);
  };
  const [singly, byPages] = [page.courseKeys.slice(0, plan.runsBySingles), page.courseKeys.slice(plan.runsBySingles)];
  const tasks = [
    // Scans are the long ones: they begin.
    ...byPages.map((courseKey) => () => scan(courseKey)),
    ...singly.flatMap((courseKey) => page.usernames.map((username) => () => readSingle(courseKey, username))),
  ];
  const work = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) await task();
  };
  await Promise.all(Array.from({ length: plan.concurrency }, work));
  return found;
}
