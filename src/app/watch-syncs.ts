import type { Events } from '../events.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { GradeService } from '../services/grade/grade.service.js';

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

/** The same of grades. */
export function watchGradeSyncs(grades: GradeService, events: Pick<Events, 'gradesSynced'>): GradeService {
  return {
    ...grades,
    async sync(options) {
      const report = await grades.sync(options);
      if (report) {
        const { created, updated, unchanged, unknown, failed } = report;
        events.gradesSynced({ created, updated, unchanged, unknown, failed });
      }
      return report;
    },
  };
}
