import type { EntityManager } from '@mikro-orm/postgresql';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { AppError, DatabaseUnavailableError, NotFoundError } from '../../errors.js';
import { isCredible } from './credible.js';
import { storeGrades } from './store-grades.js';
import type { SyncGradesDeps, SyncOfRunsOptions } from './sync-grades.js';

type LearnerDeps = Omit<SyncGradesDeps, 'api'> & { api: Pick<LmsApi, 'gradesOf'> };
type OfOneRun = Omit<SyncOfRunsOptions, 'courseKeys' | 'onProgress'> & { accountId: string };

/**
 * Pulls the grades of one learner in course runs, ended enrollments included: one call a run. A run that fails costs the others
 * nothing.
 *
 * @throws {@link NotFoundError} when the account has no LMS user
 */
export async function syncGradesOfLearner(
  deps: LearnerDeps,
  { courseKeys, onProgress, ...options }: OfOneRun & Pick<SyncOfRunsOptions, 'courseKeys' | 'onProgress'>,
): Promise<void> {
  const { call, report, remark } = options;
  await requireUsername(deps.em, options.accountId);
  for (const [at, courseKey] of courseKeys.entries()) {
    call.signal?.throwIfAborted();
    try {
      await syncGradeOfLearner(deps, courseKey, options);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof DatabaseUnavailableError || error instanceof NotFoundError) throw error;
      deps.logger.warn({ err: error, courseKey }, 'a grade could not be synchronised');
      report.failedRuns += 1;
      const reason = error instanceof AppError ? error.message : 'It cannot be stored.';
      await remark([{ courseKey, username: null, kind: 'FAILED', reason }]);
    }
    onProgress({ done: at + 1, failed: report.failed + report.failedRuns, total: courseKeys.length });
  }
}

/**
 * Pulls one grade.
 *
 * @throws {@link NotFoundError} when the account has no LMS user; what keeps the grade from being read
 */
export async function syncGradeOfLearner(
  { em, api, clock }: LearnerDeps,
  courseKey: string,
  { accountId, call, report, remark }: OfOneRun,
): Promise<void> {
  const username = await requireUsername(em, accountId);
  const asOf = clock();
  const grade = await api.gradesOf(courseKey, username, call);
  report.courseRuns += 1;
  if (grade && isCredible(grade)) {
    for (const { outcome } of await storeGrades(em, [{ ...grade, asOf }])) report[outcome] += 1;
  } else if (grade) {
    report.failed += 1;
    await remark([{ courseKey, username, kind: 'UNREADABLE', reason: `${grade.percent} is no grade.` }]);
  }
}

async function requireUsername(em: EntityManager, accountId: string): Promise<string> {
  const username = (await em.fork().findOne(EdxLinkEntity, { accountId }))?.edxUsername;
  if (!username) throw new NotFoundError('The account has no user in the LMS, so no grades.');
  return username;
}
