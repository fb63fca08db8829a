import type { Events } from '../events.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';

/** Counts what synchronisations of course runs came to, whoever runs them. */
export function watchCourseSyncs(
  courseRuns: CourseRunService,
  events: Pick<Events, 'courseRunsSynced'>,
): CourseRunService {
  return {
    ...courseRuns,
    async sync(options) {
      const report = await courseRuns.sync(options);
      if (report) {
        const { created, updated, unchanged, missing, failed, skipped } = report;
        events.courseRunsSynced({ created, updated, unchanged, missing, failed, skipped });
      }
      return report;
    },
  };
}
