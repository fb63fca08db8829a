import { LRUCache } from 'lru-cache';
import { UpstreamRejectedError } from '../../errors.js';
import type { CostBook } from '../cost/cost-book.js';
import { isCourseKey } from '../course-key.js';
import { planCsv } from '../csv/plan.js';
import { allValues, type KeyedAnswers } from '../keyed-answers.js';
import type { EnrollmentFilter, LmsEnrollment } from '../lms/enrollments.js';
import { namesField } from '../lms/refusals.js';
import type { ReleaseMemory } from '../release-memory.js';
import { type Part, readSplitting } from '../split-on-refusal.js';
import type { CallOptions } from '../upstream/call.js';
import { queryBytes } from '../upstream/query.js';
import { FilterIgnoredError, readAllRows } from './enrollment-list.js';
import { expectCalls } from './expected-calls.js';
import { type EnrollmentCalls, meterEnrollmentReads } from './metered-reads.js';
import { type EnrollmentStep, type EnrollmentWants, planEnrollments } from './plan.js';

const coursesRemembered = 5000;
/** Runs grow and empty, slowly. */
const rememberMs = 3_600_000;
/** What the LMS's form takes as a username; its own may be wider in URLs. */
const listableUsername = /^[-a-zA-Z0-9_]+$/;

export interface EnrollmentKey {
  username: string;
  courseKey: string;
}

/** Enrollments by many keys in the fewest calls. Answers hold inactive rows too: look at `isActive`. */
export interface EnrollmentReader {
  /** By lower-cased username; an unknown user has no rows. */
  readEnrollmentsOfUsers(usernames: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsEnrollment[]>>;
  /** By {@link enrollmentKeyOf}; undefined when there is no row. */
  readEnrollmentPairs(
    pairs: readonly EnrollmentKey[],
    options: CallOptions,
  ): Promise<KeyedAnswers<LmsEnrollment | undefined>>;
  /**
   * All rows of the learners, of the course runs, or of the first in the second.
   *
   * @throws when a part of them cannot be had
   */
  listEnrollments(filter: EnrollmentFilter, options: CallOptions): Promise<LmsEnrollment[]>;
}

/** Name of an enrollment among answers; the LMS compares usernames without case, course keys with it. */
export function enrollmentKeyOf({ username, courseKey }: EnrollmentKey): string {
  return `${username.toLowerCase()} ${courseKey}`;
}

export function createEnrollmentReader(
  calls: EnrollmentCalls,
  { maxQueryBytes, release, costs }: { maxQueryBytes: number; release: ReleaseMemory; costs: CostBook },
): EnrollmentReader {
  const api = meterEnrollmentReads(calls, costs);
  const rowsOfCourse = new LRUCache<string, number>({ max: coursesRemembered, ttl: rememberMs });
  /** A list without usernames, read to its end, tells how many rows its runs have. */
  const learnRows = (step: EnrollmentStep, rows: readonly LmsEnrollment[]) => {
    if (step.kind !== 'list' || step.usernames !== undefined) return;
    const byCourse = Map.groupBy(rows, (row) => row.courseKey);
    const courseKeys = step.courseKeys ?? (step.courseKey === undefined ? [] : [step.courseKey]);
    for (const courseKey of courseKeys) rowsOfCourse.set(courseKey, byCourse.get(courseKey)?.length ?? 0);
  };
  const plan = (wants: EnrollmentWants) =>
    planEnrollments(wants, {
      maxBytes: maxQueryBytes,
      bytesOf: queryBytes,
      rowsOfCourse: (courseKey) => rowsOfCourse.get(courseKey),
      split: planCsv,
      isListable: (username) => listableUsername.test(username) && release.has('enrollment-usernames'),
      hasList: release.has('enrollment-list'),
      hasCourseKeysFilter: release.has('enrollment-course-keys'),
    });

  /** Parts are by username; the keys of a list without usernames are empty. */
  const run = async (step: EnrollmentStep, options: CallOptions): Promise<Part<LmsEnrollment[]>[]> => {
    if (step.kind === 'user') return settle([step.username], () => api.enrollmentsOf(step.username, options));
    if (step.kind === 'pair')
      return settle([step.username], async () => {
        const row = await api.readEnrollment(step.username, step.courseKey, options);
        return row ? [row] : [];
      });
    const read = (usernames: readonly string[]) =>
      readAllRows(api, { ...step, usernames: step.usernames && usernames }, options);
    const parts = await readSplitting(step.usernames ?? [], read, {
      blamesKey: (error) => namesField(error.body, 'username'),
      readBlamed: (username) => api.enrollmentsOf(username, options),
    });
    for (const part of parts) if ('value' in part) learnRows(step, part.value);
    return (await Promise.all(parts.map((part) => runWithout(step, part, options)))).flat();
  };

  /** Reads a part again in the way of an older release, when the answer shows that this is one. */
  const runWithout = async (
    step: EnrollmentStep & { kind: 'list' },
    part: Part<LmsEnrollment[]>,
    options: CallOptions,
  ): Promise<Part<LmsEnrollment[]>[]> => {
    const missing = 'error' in part ? missingFeature(part.error) : undefined;
    if (missing === undefined) return [part];
    release.rememberMissing(missing);
    const courseKeys = step.courseKeys ?? (step.courseKey === undefined ? undefined : [step.courseKey]);
    const users = step.usernames && part.keys;
    const steps = plan({ ...(users ? { users } : {}), ...(courseKeys ? { courseKeys } : {}) });
    if (steps.length === 0 || steps.some((next) => isSameStep(next, step))) return [part];
    const parts = (await Promise.all(steps.map((next) => run(next, options)))).flat();
    // Read without the filter: other blocks of the plan bring the other runs.
    const isWithin = (row: LmsEnrollment) => courseKeys === undefined || courseKeys.includes(row.courseKey);
    return parts.map((again) => ('error' in again ? again : { ...again, value: again.value.filter(isWithin) }));
  };

  const runAll = async (wants: EnrollmentWants, options: CallOptions): Promise<Part<LmsEnrollment[]>[]> => {
    const steps = plan(wants);
    if (steps.length === 0) return [];
    const expected = expectCalls(steps, costs.costOf);
    const planned = { plan: 'enrollments', wanted: (wants.users ?? wants.pairs ?? wants.courseKeys ?? []).length };
    return costs.follow(
      { ...planned, ...expected },
      async (call) => (await Promise.all(steps.map((step) => run(step, call)))).flat(),
      options,
    );
  };

  return {
    async readEnrollmentsOfUsers(usernames, options) {
      return groupByUser(await runAll({ users: usernames }, options));
    },
    async readEnrollmentPairs(pairs, options) {
      // The LMS answers a key that it cannot parse with an error.
      const askable = pairs.filter((pair) => isCourseKey(pair.courseKey));
      const byUser = groupByUser(await runAll({ pairs: askable }, options));
      return new Map(
        pairs.map((pair) => {
          const answer = byUser.get(pair.username.toLowerCase()) ?? { value: [] };
          const pick = (rows: LmsEnrollment[]) => rows.find((row) => row.courseKey === pair.courseKey);
          return [enrollmentKeyOf(pair), 'error' in answer ? answer : { value: pick(answer.value) }];
        }),
      );
    },
    async listEnrollments(
      { usernames, courseKey, courseKeys: asked = courseKey === undefined ? undefined : [courseKey] },
      options,
    ) {
      const courseKeys = asked?.filter(isCourseKey);
      const wants = { ...(usernames ? { users: usernames } : {}), ...(courseKeys ? { courseKeys } : {}) };
      const rows = allValues(
        new Map((await runAll(wants, options)).map((part, index) => [String(index), part])),
      ).flat();
      return courseKeys ? rows.filter((row) => courseKeys.includes(row.courseKey)) : rows;
    },
  };
}

async function settle<V>(keys: string[], read: () => Promise<V>): Promise<Part<V>[]> {
  try {
    return [{ keys, value: await read() }];
  } catch (error) {
    return [{ keys, error }];
  }
}

function missingFeature(error: unknown) {
  if (error instanceof FilterIgnoredError) return error.feature;
  // No JSON: the route itself is not there.
  const isRouteMissing = error instanceof UpstreamRejectedError && error.status === 404 && error.body === undefined;
  return isRouteMissing ? 'enrollment-list' : undefined;
}

function isSameStep(one: EnrollmentStep, other: EnrollmentStep): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Several parts may speak of one learner; one that failed outweighs those that did not. */
function groupByUser(parts: Part<LmsEnrollment[]>[]): KeyedAnswers<LmsEnrollment[]> {
  const answers: KeyedAnswers<LmsEnrollment[]> = new Map();
  for (const part of parts) {
    const rows = 'error' in part ? new Map() : Map.groupBy(part.value, (row) => row.username.toLowerCase());
    for (const name of part.keys) {
      const known = answers.get(name.toLowerCase());
      if (known && 'error' in known) continue;
      const own: LmsEnrollment[] = rows.get(name.toLowerCase()) ?? [];
      answers.set(
        name.toLowerCase(),
        'error' in part ? { error: part.error } : { value: [...(known?.value ?? []), ...own] },
      );
    }
  }
  return answers;
}
