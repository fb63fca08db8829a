import { LRUCache } from 'lru-cache';
import { answerEach, type KeyedAnswers } from '../keyed-answers.js';
import type { GradePage, GradeReads, LmsGrade } from '../lms/grades.js';
import type { CallOptions } from '../upstream/call.js';
import { PageGuard } from '../upstream/page-argument.js';
import { type CourseSize, type GradeStep, planGrades } from './plan.js';

export interface GradeKey {
  username: string;
  courseKey: string;
}

/** Name of a grade among answers; the LMS compares usernames without case, course keys with it. */
export function gradeKeyOf({ username, courseKey }: GradeKey): string {
  return `${username.toLowerCase()} ${courseKey}`;
}

export interface GradeReader {
  /** By {@link gradeKeyOf}; undefined when the learner never enrolled in the run. */
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
const sizesRemembered = 5000;

export function createGradeReader(api: GradeReads): GradeReader {
  const sizes = new LRUCache<string, CourseSize>({ max: sizesRemembered });

  /** Reads pages until `isDone` or the end, and learns the size of the run. */
  const scan = async (
    courseKey: string,
    pages: number,
    options: CallOptions,
    isDone: (found: Map<string, LmsGrade>) => boolean,
  ): Promise<Map<string, LmsGrade>> => {
    const found = new Map<string, LmsGrade>();
    const guard = new PageGuard('lms', maxPages);
    let cursor: string | undefined;
    let pagesRead = 0;
    do {
      const page = await api.gradePage(courseKey, { size: pageSize, cursor }, options);
      pagesRead += 1;
      for (const row of page.rows) found.set(row.username.toLowerCase(), row);
      cursor = page.cursor === undefined ? undefined : guard.follow(page.cursor);
    } while (cursor !== undefined && pagesRead < pages && !isDone(found));
    const isComplete = cursor === undefined;
    // Rows whose grading fails are missing, so that full pages count as full.
    sizes.set(courseKey, { rows: isComplete ? found.size : pagesRead * pageSize, isComplete });
    return found;
  };

  const readSingles = (keys: GradeKey[], options: CallOptions) =>
    answerEach(keys, ({ courseKey, username }) => api.gradesOf(courseKey, username, options), gradeKeyOf);

  const run = async (step: GradeStep, options: CallOptions): Promise<KeyedAnswers<LmsGrade | undefined>> => {
    if (step.kind === 'single') return readSingles([step], options);
    const { courseKey, usernames } = step;
    const wanted = usernames.map((name) => name.toLowerCase());
    const keyed = usernames.map((username) => ({ username, courseKey }));
    try {
      const found = await scan(courseKey, step.maxPages, options, (rows) => wanted.every((name) => rows.has(name)));
      const present = keyed.filter((key) => found.has(key.username.toLowerCase()));
      // Inactive enrollments and failing grades are in no scan: only a single read tells them apart.
      const singles = await readSingles(
        keyed.filter((key) => !present.includes(key)),
        options,
      );
      for (const key of present) singles.set(gradeKeyOf(key), { value: found.get(key.username.toLowerCase()) });
      return singles;
    } catch (error) {
      return new Map(keyed.map((key) => [gradeKeyOf(key), { error }]));
    }
  };

  return {
    async readGrades(keys, options) {
      const steps = planGrades(keys, { pageSize, sizeOf: (courseKey) => sizes.get(courseKey) });
      const answers = await Promise.all(steps.map((step) => run(step, options)));
      return new Map(answers.flatMap((some) => [...some]));
    },
    async readGradesOfCourse(courseKey, options) {
      const found = await scan(courseKey, maxPages, options, () => false);
      return [...found.values()];
    },
    async *gradePages(courseKey, options, from) {
      const guard = new PageGuard('lms', maxPages);
      let cursor = from;
      do {
        const page = await api.gradePage(courseKey, { size: pageSize, cursor }, options);
        yield page;
        cursor = page.cursor === undefined ? undefined : guard.follow(page.cursor);
      } while (cursor !== undefined);
    },
  };
}
