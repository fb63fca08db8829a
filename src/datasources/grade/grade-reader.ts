import type { CostBook } from '../cost/cost-book.js';
import { usualWorkers } from '../cost/estimates.js';
import { createLanes } from '../cost/lanes.js';
import { answerEach, type KeyedAnswers } from '../keyed-answers.js';
import type { GradePage, GradeReads, LmsGrade } from '../lms/grades.js';
import type { CallOptions } from '../upstream/call.js';
import { PageGuard } from '../upstream/page-argument.js';
import { createCourseSizes } from './course-sizes.js';
import { type GradePlan, type GradeStep, planGrades } from './plan.js';
import { createScan, type WantedOfCourse } from './scan.js';

export interface GradeKey {
  username: string;
  courseKey: string;
}

/** Name of a grade among answers; the LMS compares usernames without case, course keys with it. */
export function gradeKeyOf({ username, courseKey }: GradeKey): string {
  return `${username.toLowerCase()} ${courseKey}`;
}

export interface GradeReader {
  /**
   * By {@link gradeKeyOf}; undefined when the learner never enrolled in the run. Holds the grades of other learners too, as far as
   * they were on the pages that were read.
   */
  readGrades(keys: readonly GradeKey[], options: CallOptions): Promise<KeyedAnswers<LmsGrade | undefined>>;
  /** All grades of the active learners of a run. */
  readGradesOfCourse(courseKey: string, options: CallOptions): Promise<LmsGrade[]>;
  /**
   * The same page by page, for as many learners as there may be.
   *
   * @param from - cursor of a page that came before, to go on after it
   */
  gradePages(courseKey: string, options: CallOptions, from?: string): AsyncIterable<GradePage>;
}

/** Bound by the LMS's time, not by size: about a third of a second. */
const pageSize = 200;
const maxPages = 1000;

/** @param costs - what single reads and pages cost; taught by every call */
export function createGradeReader(api: GradeReads, costs: CostBook): GradeReader {
  const sizes = createCourseSizes();
  const readPage = (courseKey: string, page: { size: number; cursor: string | undefined }, options: CallOptions) =>
    costs.measure(
      'grade.list',
      (call) => api.gradePage(courseKey, page, call),
      ({ rows, odd }) => rows.length + odd.length,
      options,
    );
  const readSingle = ({ courseKey, username }: GradeKey, options: CallOptions) =>
    costs.measure(
      'grade.read',
      (call) => api.gradesOf(courseKey, username, call),
      () => 1,
      options,
    );
  const plan = (keys: readonly GradeKey[]): GradePlan =>
    planGrades(keys, {
      single: costs.costOf('grade.read'),
      page: costs.costOf('grade.list'),
      sizeOf: sizes.of,
      // Calls that are under way take their share of the LMS.
      workers: Math.max(1, usualWorkers - costs.callsUnderWay()),
    });

  async function* pagesOf(courseKey: string, options: CallOptions, from?: string): AsyncIterable<GradePage> {
    const guard = new PageGuard('lms', maxPages);
    let cursor = from;
    do {
      const page = await readPage(courseKey, { size: pageSize, cursor }, options);
      yield page;
      cursor = page.cursor === undefined ? undefined : guard.follow(page.cursor);
    } while (cursor !== undefined);
  }

  const runAll = async (steps: readonly GradeStep[], options: CallOptions) => {
    const lanes = createLanes(usualWorkers);
    const scans = steps.filter((step) => step.kind === 'scan');
    const scan = createScan({
      readPage: (courseKey, page) => lanes(() => readPage(courseKey, page, options), true),
      sizes,
      costOf: costs.costOf,
      workers: Math.max(1, usualWorkers / Math.max(1, scans.length)),
    });
    const readSingles = (keys: readonly GradeKey[]) =>
      answerEach(keys, (key) => lanes(() => readSingle(key, options)), gradeKeyOf);
    const runScan = async (wanted: WantedOfCourse) => {
      const { found, hasCourse, error } = await scan(wanted);
      const answers: KeyedAnswers<LmsGrade | undefined> = new Map(
        [...found.values()].map((value) => [gradeKeyOf(value), { value }]),
      );
      const missing: GradeKey[] = [];
      for (const username of wanted.usernames) {
        const key = { username, courseKey: wanted.courseKey };
        if (found.has(username.toLowerCase())) continue;
        if (!hasCourse) answers.set(gradeKeyOf(key), { value: undefined });
        else if (error) answers.set(gradeKeyOf(key), { error });
        else missing.push(key);
      }
      // Inactive enrollments and failing grades are in no scan: only a single read tells them apart.
      for (const [name, answer] of await readSingles(missing)) answers.set(name, answer);
      return answers;
    };
    const singles = steps.filter((step) => step.kind === 'single');
    const answers = await Promise.all([...scans.map(runScan), readSingles(singles)]);
    return new Map(answers.flatMap((some) => [...some]));
  };

  return {
    async readGrades(keys, options) {
      if (keys.length === 0) return new Map();
      const { steps, estimateMs, calls } = plan(keys);
      const planned = {
        plan: 'grades',
        wanted: keys.length,
        steps: { 'grade.read': calls.singles, 'grade.list': calls.pages },
        estimateMs,
      };
      return costs.follow(planned, (call) => runAll(steps, call), options);
    },
    async readGradesOfCourse(courseKey, options) {
      const found = new Map<string, LmsGrade>();
      for await (const page of pagesOf(courseKey, options))
        for (const row of page.rows) found.set(row.username.toLowerCase(), row);
      sizes.learn(courseKey, { rows: found.size, isComplete: true });
      return [...found.values()];
    },
    gradePages: pagesOf,
  };
}
