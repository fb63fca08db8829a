import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isCourseKey } from '../../datasources/course-key.js';
import type { LmsGrade } from '../../datasources/lms/grades.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { AppError, DatabaseUnavailableError, UpstreamUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { storeInParts } from '../store-in-parts.js';
import { isCredible } from './credible.js';
import type { GradeRemark, GradeSyncReport } from './grade-report.js';
import { storeGrades } from './store-grades.js';

export interface SyncGradesDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'gradePages'>;
  clock: Clock;
  logger: Logger;
}

export interface SyncOfRunsOptions {
  courseKeys: readonly string[];
  call: CallOptions;
  report: GradeSyncReport;
  remark(remarks: readonly GradeRemark[]): Promise<void>;
  onProgress(step: { done: number; failed: number; total: number }): void;
}

/** Course runs at a time; the pages of one come one after the other. */
const runsAtOnce = 2;

/** The circuit to an LMS that has just failed for one run stays open for about a second: the others wait for it. */
const circuitPauseMs = 2_000;

/** A run that is to be read, or read on after a page that failed. */
interface Wanted {
  courseKey: string;
  /** The pages together are no snapshot: what is stored is as old as the first of them, at most. */
  asOf?: Date;
  cursor?: string | undefined;
}

/**
 * Pulls the grades of all active learners of course runs, page by page. A row, a page or a run that fails costs the others nothing;
 * runs that could not be read are tried once more after the others, from where they stopped.
 */
export async function syncGradesOfRuns(deps: SyncGradesDeps, options: SyncOfRunsOptions): Promise<void> {
  const { courseKeys, report, onProgress } = options;
  const again: Wanted[] = [];
  let isOpenCircuit = false;
  const tell = () => {
    const failed = report.failedRuns + report.missingRuns;
    onProgress({ done: report.courseRuns + failed, failed, total: courseKeys.length });
  };
  await inParallel(
    courseKeys.map((courseKey) => ({ courseKey })),
    options,
    async (run) => {
      const error = await syncRun(deps, run, options);
      if (error instanceof UpstreamUnavailableError) {
        isOpenCircuit ||= error.why === 'circuit-open';
        again.push(run);
      } else if (error) await fail(deps, run, error, options);
      tell();
    },
  );
  if (isOpenCircuit) await delay(circuitPauseMs, undefined, { signal: options.call.signal });
  await inParallel(again, options, async (run) => {
    const error = await syncRun(deps, run, options);
    if (error) await fail(deps, run, error, options);
    tell();
  });
}

/**
 * The same of one run.
 *
 * @throws what keeps its grades from being read to the end; those that were read are stored
 */
export async function syncGradesOfRun(
  deps: SyncGradesDeps,
  courseKey: string,
  options: Omit<SyncOfRunsOptions, 'courseKeys' | 'onProgress'>,
): Promise<void> {
  const error = await syncRun(deps, { courseKey }, options);
  if (error) throw error;
}

async function inParallel(
  runs: readonly Wanted[],
  { call }: SyncOfRunsOptions,
  sync: (run: Wanted) => Promise<void>,
): Promise<void> {
  const left = [...runs];
  const next = async () => {
    for (let run = left.shift(); run; run = left.shift()) {
      call.signal?.throwIfAborted();
      await sync(run);
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce }, next));
}

/** @returns why the run could not be read to its end; `run` then knows how far it came */
async function syncRun(
  deps: SyncGradesDeps,
  run: Wanted,
  options: Omit<SyncOfRunsOptions, 'courseKeys' | 'onProgress'>,
): Promise<unknown> {
  const { report, call, remark } = options;
  const { courseKey } = run;
  const isMissing = async (reason: string) => {
    report.missingRuns += 1;
    await remark([{ courseKey, username: null, kind: 'MISSING', reason }]);
  };
  if (!isCourseKey(courseKey)) return isMissing('It is no key of a course run.');
  try {
    run.asOf ??= deps.clock();
    for await (const { rows, odd, hasCourse, cursor } of deps.api.gradePages(courseKey, call, run.cursor)) {
      if (!hasCourse) return await isMissing('The LMS has no such course run.');
      await takeOver(deps, { courseKey, asOf: run.asOf, rows, odd }, options);
      run.cursor = cursor;
    }
    report.courseRuns += 1;
    return undefined;
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof DatabaseUnavailableError) throw error;
    return error;
  }
}

async function fail(
  { logger }: SyncGradesDeps,
  { courseKey }: Wanted,
  error: unknown,
  { report, remark }: SyncOfRunsOptions,
): Promise<void> {
  logger.warn({ err: error, courseKey }, 'the grades of a course run could not be synchronised');
  report.failedRuns += 1;
  const reason = error instanceof AppError ? error.message : 'Something went wrong.';
  await remark([{ courseKey, username: null, kind: 'FAILED', reason }]);
}

interface SeenPage {
  courseKey: string;
  asOf: Date;
  rows: readonly LmsGrade[];
  odd: readonly { username: string | undefined; why: string }[];
}

async function takeOver(
  { em, logger }: SyncGradesDeps,
  { courseKey, asOf, rows, odd }: SeenPage,
  { report, remark }: Pick<SyncOfRunsOptions, 'report' | 'remark'>,
): Promise<void> {
  const remarks: GradeRemark[] = odd.map(({ username, why }) => ({
    courseKey,
    username: username ?? null,
    kind: 'UNREADABLE',
    reason: `It is odd: ${why}.`,
  }));
  for (const { username, percent } of rows.filter((row) => !isCredible(row)))
    remarks.push({ courseKey, username, kind: 'UNREADABLE', reason: `${percent} is no grade.` });
  const grades = rows.filter(isCredible).map((row) => ({ ...row, asOf }));
  const { stored, failed } = await storeInParts(grades, (part) => storeGrades(em, part));
  for (const { item, error } of failed) {
    logger.warn({ err: error, courseKey }, 'a grade cannot be stored');
    remarks.push({ courseKey, username: item.username, kind: 'UNREADABLE', reason: 'It cannot be stored.' });
  }
  report.failed += remarks.length;
  for (const { grade, outcome } of stored.flat()) {
    report[outcome] += 1;
    if (outcome !== 'unknown') continue;
    const reason = 'No account of Portico is linked to this LMS user.';
    remarks.push({ courseKey, username: grade.username, kind: 'UNKNOWN_LEARNER', reason });
  }
  if (remarks.length > 0) await remark(remarks);
}
