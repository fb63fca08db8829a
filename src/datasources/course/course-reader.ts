import { UpstreamUnavailableError } from '../../errors.js';
import type { CostBook } from '../cost/cost-book.js';
import { usualWorkers } from '../cost/estimates.js';
import { createLanes } from '../cost/lanes.js';
import { isCourseKey } from '../course-key.js';
import { planCsv } from '../csv/plan.js';
import { answerEach, type KeyedAnswers } from '../keyed-answers.js';
import type { CoursePage, CourseReads, LmsCourseRun, OddCourseRun } from '../lms/courses.js';
import { namesField } from '../lms/refusals.js';
import type { ReleaseMemory } from '../release-memory.js';
import { readSplitting } from '../split-on-refusal.js';
import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { queryBytes } from '../upstream/query.js';
import { planCourses } from './plan.js';

export interface CourseReader {
  /** By course key; undefined when absent, invisible to the service worker, or no course key at all. */
  readCourses(courseKeys: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsCourseRun | undefined>>;
  /**
   * The whole catalogue that the service worker sees. A page that fails is tried once more after the others.
   *
   * @param onPage - told after each page
   * @throws UpstreamUnavailableError when the first page cannot be had: then nothing is known
   */
  readCatalogue(options: CallOptions, onPage?: (page: { read: number; of: number }) => void): Promise<Catalogue>;
}

export interface Catalogue {
  runs: LmsCourseRun[];
  odd: OddCourseRun[];
  /** What is on them is not known. */
  failedPages: { page: number; error: unknown }[];
}

/** The list has the tightest throttle of the LMS: pages in a row wait for it one after the other, not all at once. */
const pagesAtOnce = 4;

export function createCourseReader(
  api: CourseReads,
  {
    maxQueryBytes,
    release,
    costs,
    scarcity,
  }: { maxQueryBytes: number; release: ReleaseMemory; costs: CostBook; scarcity(options: CallOptions): number },
): CourseReader {
  const plan = (courseKeys: readonly string[], scarcity: number) =>
    planCourses(courseKeys, {
      maxBytes: maxQueryBytes,
      bytesOf: queryBytes,
      split: planCsv,
      scarcity,
      hasKeysFilter: release.has('course-keys'),
      list: costs.costOf('course.list'),
      detail: costs.costOf('course.read'),
      workers: usualWorkers,
    });
  const readDetails = (courseKeys: readonly string[], options: CallOptions) => {
    const lanes = createLanes(usualWorkers);
    const read = (courseKey: string) =>
      costs.measure(
        'course.read',
        (call) => api.course(courseKey, call),
        () => 1,
        options,
      );
    return answerEach(courseKeys, (courseKey) => lanes(() => read(courseKey)), String);
  };
  const readPage = (courseKeys: readonly string[] | undefined, page: number, options: CallOptions) =>
    costs.measure(
      'course.list',
      (call) => api.coursePage(courseKeys, page, call),
      ({ rows, odd }) => rows.length + odd.length,
      options,
    );

  const readList = async (courseKeys: readonly string[], options: CallOptions) => {
    const { rows, odd } = await readPage(courseKeys, 1, options);
    const byKey = new Map(rows.map((row) => [row.courseKey, row]));
    // One row outside: the filter is unknown here, and this is the first page of everything.
    if (rows.some((row) => !courseKeys.includes(row.courseKey))) {
      release.rememberMissing('course-keys');
      return readDetails(courseKeys, options);
    }
    const notRead = new Set(odd.map(({ courseKey }) => courseKey));
    return new Map(
      courseKeys.map((key) => {
        const value = byKey.get(key);
        const mayBeOdd = !value && (notRead.has(key) || notRead.has(undefined));
        return [key, mayBeOdd ? { error: unavailable('lms', 'bad-answer') } : { value }];
      }),
    );
  };

  const runList = async (courseKeys: readonly string[], options: CallOptions) => {
    const parts = await readSplitting(courseKeys, (keys) => readList(keys, options), {
      blamesKey: (error) => namesField(error.body, 'course_keys'),
      readBlamed: async (key) => new Map([[key, { value: undefined }]]),
    });
    const answers = parts.map(async (part): Promise<KeyedAnswers<LmsCourseRun | undefined>> => {
      if (!('error' in part)) return part.value;
      const isThrottled = part.error instanceof UpstreamUnavailableError && part.error.why === 'throttled';
      const { steps } = isThrottled ? plan(part.keys, 1) : { steps: [] };
      if (steps.every((next) => next.kind === 'detail') && steps.length > 0) return readDetails(part.keys, options);
      return new Map(part.keys.map((key) => [key, { error: part.error }]));
    });
    return merge(await Promise.all(answers));
  };

  const readPlanned = (wanted: readonly string[], options: CallOptions) => {
    const { steps, estimateMs } = plan(wanted, scarcity(options));
    const lists = steps.filter((step) => step.kind === 'list');
    const details = steps.filter((step) => step.kind === 'detail');
    const planned = {
      plan: 'courses',
      wanted: wanted.length,
      steps: { 'course.list': lists.length, 'course.read': details.length },
      estimateMs,
    };
    const run = async (call: CallOptions) => {
      const keys = details.map(({ courseKey }) => courseKey);
      return merge(
        await Promise.all([readDetails(keys, call), ...lists.map(({ courseKeys }) => runList(courseKeys, call))]),
      );
    };
    return costs.follow(planned, run, options);
  };

  return {
    async readCourses(courseKeys, options) {
      const [wellFormed, malformed] = [courseKeys.filter(isCourseKey), courseKeys.filter((key) => !isCourseKey(key))];
      const answers: KeyedAnswers<LmsCourseRun | undefined> =
        wellFormed.length === 0 ? new Map() : await readPlanned(wellFormed, options);
      for (const key of malformed) answers.set(key, { value: undefined });
      return answers;
    },
    async readCatalogue(options, onPage = () => {}) {
      const first = await readPage(undefined, 1, options);
      const pages: CoursePage[] = [first];
      const tell = () => onPage({ read: pages.length, of: Math.max(first.pageCount, pages.length) });
      tell();
      const readPages = async (numbers: readonly number[]) => {
        const left = [...numbers];
        const failed: Catalogue['failedPages'] = [];
        const readNext = async () => {
          for (let page = left.shift(); page !== undefined; page = left.shift()) {
            try {
              pages.push(await readPage(undefined, page, options));
              tell();
            } catch (error) {
              options.signal?.throwIfAborted();
              failed.push({ page, error });
            }
          }
        };
        await Promise.all(Array.from({ length: pagesAtOnce }, readNext));
        return failed;
      };
      const others = Array.from({ length: Math.max(0, first.pageCount - 1) }, (_, index) => index + 2);
      const failedOnce = await readPages(others);
      const failedPages = await readPages(failedOnce.map(({ page }) => page));
      const byKey = new Map(pages.flatMap(({ rows }) => rows).map((row) => [row.courseKey, row]));
      return { runs: [...byKey.values()], odd: pages.flatMap(({ odd }) => odd), failedPages };
    },
  };
}

function merge<V>(answers: KeyedAnswers<V>[]): KeyedAnswers<V> {
  return new Map(answers.flatMap((some) => [...some]));
}
