import type { Events } from '../events.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { GradeService } from '../services/grade/grade.service.js';
import type { GradeSyncReport } from '../services/grade/grade-report.js';

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
  const count = ({ created, updated, unchanged, unknown, failed }: GradeSyncReport) =>
    events.gradesSynced({ created, updated, unchanged, unknown, failed });
  return {
    ...grades,
    async sync(options) {
      const report = await grades.sync(options);
      if (report) count(report);
      return report;
    },
    async syncRun(courseKey, options) {
      const report = await grades.syncRun(courseKey, options);
      count(report);
      return report;
    },
  };
}
