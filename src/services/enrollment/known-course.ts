import type { CourseRun } from '../../entities/course-run.entity.js';
import { InvalidInputError, UpstreamUnavailableError } from '../../errors.js';
import type { CourseRunService } from '../course-run/course-run.service.js';

/** A course run that somebody named. */
export interface KnownCourse {
  /** In the LMS's own spelling; as given when the LMS cannot say now, and then the job will find out. */
  courseKey: string;
  run: CourseRun | undefined;
}

/** @throws {@link InvalidInputError} `UNKNOWN_COURSE` when there is certainly none */
export async function requireKnownCourse(
  courseRuns: Pick<CourseRunService, 'lookUp'>,
  courseKey: string,
): Promise<KnownCourse> {
  try {
    const run = await courseRuns.lookUp(courseKey, { purpose: 'request' });
    if (run) return { courseKey: run.courseKey, run };
  } catch (error) {
    if (error instanceof UpstreamUnavailableError) return { courseKey, run: undefined };
    throw error;
  }
  throw new InvalidInputError(`There is no course run ${courseKey}.`, {
    field: ['courseKey'],
    reason: 'UNKNOWN_COURSE',
  });
}
