import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isCourseKey } from '../../datasources/course-key.js';
import type { LmsGrade } from '../../datasources/lms/grades.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { AppError, DatabaseUnavailableError } from '../../errors.js';
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

/** Pulls the grades of all active learners of course runs, page by page. A row, a page or a run that fails costs the others nothing. */
export async function syncGradesOfRuns(deps: SyncGradesDeps, options: SyncOfRunsOptions): Promise<void> {
  const { courseKeys, report, call, onProgress } = options;
  const left = [...courseKeys];
  let done = 0;
  const next = async () => {
    for (let courseKey = left.shift(); courseKey !== undefined; courseKey = left.shift()) {
      call.signal?.throwIfAborted();
      await syncRun(deps, courseKey, options);
      done += 1;
      onProgress({ done, failed: report.failedRuns + report.missingRuns, total: courseKeys.length });
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce }, next));
}

async function syncRun(deps: SyncGradesDeps, courseKey: string, options: SyncOfRunsOptions): Promise<void> {
  const { report, call, remark } = options;
  if (!isCourseKey(courseKey)) {
    report.missingRuns += 1;
    return remark([{ courseKey, username: null, kind: 'MISSING', reason: 'It is no key of a course run.' }]);
  }
  try {
    // The pages together are no snapshot: what is stored is as old as the first of them, at most.
    const asOf = deps.clock();
    for await (const { rows, odd, hasCourse } of deps.api.gradePages(courseKey, call)) {
      if (!hasCourse) {
        report.missingRuns += 1;
        return await remark([
          { courseKey, username: null, kind: 'MISSING', reason: 'The LMS has no such course run.' },
        ]);
      }
      await takeOver(deps, { courseKey, asOf, rows, odd }, options);
    }
    report.courseRuns += 1;
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof DatabaseUnavailableError) throw error;
    deps.logger.warn({ err: error, courseKey }, 'the grades of a course run could not be synchronised');
    report.failedRuns += 1;
    const reason = error instanceof AppError ? error.message : 'Something went wrong.';
    await remark([{ courseKey, username: null, kind: 'FAILED', reason }]);
  }
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
  { report, remark }: SyncOfRunsOptions,
): Promise<void> {
  const remarks: GradeRemark[] = odd.map(({ username, why }) => ({
    courseKey,
    username: username ?? null,
    kind: 'FAILED',
    reason: `It is odd: ${why}.`,
  }));
  for (const { username, percent } of rows.filter((row) => !isCredible(row)))
    remarks.push({ courseKey, username, kind: 'FAILED', reason: `${percent} is no grade.` });
  const grades = rows.filter(isCredible).map((row) => ({ ...row, asOf }));
  const { stored, failed } = await storeInParts(grades, (part) => storeGrades(em, part));
  for (const { item, error } of failed) {
    logger.warn({ err: error, courseKey }, 'a grade cannot be stored');
    remarks.push({ courseKey, username: item.username, kind: 'FAILED', reason: 'It cannot be stored.' });
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
