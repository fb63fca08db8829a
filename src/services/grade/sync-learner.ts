import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { AppError, DatabaseUnavailableError, NotFoundError } from '../../errors.js';
import { isCredible } from './credible.js';
import { storeGrades } from './store-grades.js';
import type { SyncGradesDeps, SyncOfRunsOptions } from './sync-grades.js';

/**
 * Pulls the grades of one learner in course runs, ended enrollments included: one call a run.
 *
 * @throws {@link NotFoundError} when the account has no LMS user
 */
export async function syncGradesOfLearner(
  { em, api, clock, logger }: Omit<SyncGradesDeps, 'api'> & { api: Pick<LmsApi, 'gradesOf'> },
  { accountId, courseKeys, call, report, remark, onProgress }: SyncOfRunsOptions & { accountId: string },
): Promise<void> {
  const link = await em.fork().findOne(EdxLinkEntity, { accountId });
  const username = link?.edxUsername;
  if (!username) throw new NotFoundError('The account has no user in the LMS, so no grades.');
  let done = 0;
  for (const courseKey of courseKeys) {
    call.signal?.throwIfAborted();
    const fail = async (reason: string) => {
      report.failed += 1;
      await remark([{ courseKey, username, kind: 'FAILED', reason }]);
    };
    try {
      const asOf = clock();
      const grade = await api.gradesOf(courseKey, username, call);
      report.courseRuns += 1;
      if (grade && !isCredible(grade)) await fail(`${grade.percent} is no grade.`);
      else if (grade) for (const { outcome } of await storeGrades(em, [{ ...grade, asOf }])) report[outcome] += 1;
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof DatabaseUnavailableError) throw error;
      logger.warn({ err: error, courseKey }, 'a grade could not be synchronised');
      await fail(error instanceof AppError ? error.message : 'It cannot be stored.');
    }
    done += 1;
    onProgress({ done, failed: report.failed, total: courseKeys.length });
  }
}
