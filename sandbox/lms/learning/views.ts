import type { View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { bulkEnrollViews } from './bulk-enroll.js';
import { certificateViews } from './certificates.js';
import { cohortViews } from './cohorts.js';
import { completionViews } from './completion.js';
import { courseHomeViews } from './course-home.js';
import { blockViews } from './courses/blocks.js';
import { courseListViews } from './courses/course-list.js';
import { courseModeViews } from './courses/course-modes.js';
import { emailSettingsViews } from './email-settings.js';
import { enrollmentViews } from './enrollment/views.js';
import { gradeViews } from './grades/views.js';
import { learnerHomeViews } from './learner-home.js';
import { programViews } from './programs/views.js';

/** The learning endpoints: enrollments, courses, grades, certificates, completion, cohorts, programs. */
export function learningViews(lms: Lms): View[] {
  return [
    ...enrollmentViews(lms),
    ...emailSettingsViews(lms),
    ...courseListViews(lms),
    ...blockViews(lms),
    ...courseModeViews(lms),
    ...gradeViews(lms),
    ...certificateViews(lms),
    ...completionViews(lms),
    ...courseHomeViews(lms),
    ...bulkEnrollViews(lms),
    ...cohortViews(lms),
    ...learnerHomeViews(lms),
    ...programViews(lms),
  ];
}
