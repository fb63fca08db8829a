import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { Job } from './job.js';

/** Takes over a course run that the LMS told of. */
export function createLookAtCourseRunJob({
  courseRuns,
}: {
  courseRuns: Pick<CourseRunService, 'lookAgain'>;
}): Job<'look-at-course-run'> {
  return ({ courseKey }) => courseRuns.lookAgain(courseKey);
}
