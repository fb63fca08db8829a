import { requireCourseKey } from '../enrollment/course-key.js';
import type { Part, ReconcileDeps, ReconcileRun } from './apply.js';
import { reconcileCourse } from './of-course.js';
import { reconcileLearners } from './of-learners.js';

/** Whom to compare: these learners, these course runs, or everybody who is in the LMS. */
export interface ReconcileScope {
  accountIds?: readonly string[] | undefined;
  courseKeys?: readonly string[] | undefined;
}

/** Compares enrollments here with those in the LMS, and mends what differs; see {@link Part}. */
export interface EnrollmentReconciliation {
  /**
   * Goes through the scope, part by part; nothing is held in memory but one part. Where the LMS has something else, it is right;
   * where a wish is under way here, that wins. Whoever does the same again finds nothing to change.
   *
   * @throws UpstreamUnavailableError - what was yielded before is done; go on `after` it
   * @throws InvalidInputError `INVALID_COURSE_KEY`
   */
  reconcile(scope: ReconcileScope, run: ReconcileRun): AsyncGenerator<Part>;
}

export function createEnrollmentReconciliation(deps: ReconcileDeps): EnrollmentReconciliation {
  return {
    async *reconcile({ accountIds, courseKeys }, run) {
      if (!courseKeys) return yield* reconcileLearners(deps, accountIds, run);
      for (const courseKey of courseKeys.map(requireCourseKey)) {
        // Course runs are short work each: a later run begins with the first that was not finished.
        if (run.after !== undefined && courseKeys.indexOf(courseKey) <= courseKeys.indexOf(run.after)) continue;
        yield* reconcileCourse(deps, courseKey, run);
        yield { compared: 0, drifts: [], failed: [], strangers: 0, next: courseKey };
      }
    },
  };
}
