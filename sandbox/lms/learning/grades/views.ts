import type { View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { courseGradeViews } from './course-grades.js';
import { gradebookViews } from './gradebook.js';
import { gradingPolicyViews } from './policy.js';
import { sectionBreakdownViews } from './section-breakdown.js';
import { submissionHistoryViews } from './submission-history.js';
import { subsectionViews } from './subsection.js';

/** Mounted at `/api/grades/v1`. */
export function gradeViews(lms: Lms): View[] {
  return [
    ...courseGradeViews(lms),
    ...sectionBreakdownViews(lms),
    ...gradebookViews(lms),
    ...gradingPolicyViews(lms),
    ...subsectionViews(lms),
    ...submissionHistoryViews(lms),
  ];
}
