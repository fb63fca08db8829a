import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { Job } from './job.js';

/** Takes over the LMS's catalogue. */
export function createSyncCourseRunsJob({
  courseRuns,
}: {
  courseRuns: Pick<CourseRunService, 'sync'>;
}): Job<'sync-course-runs'> {
  return async () => {
    await courseRuns.sync({ purpose: 'schedule', withModes: true });
  };
}
