import { json } from '../../http/answer.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { requireStaff } from '../access.js';
import { myProgramViews } from './my-programs.js';
import { programOverviewViews } from './overview.js';
import { programCourseEnrollmentViews } from './program-course-enrollments.js';
import { programEnrollmentViews } from './program-enrollments.js';
import { programGradeViews } from './program-grades.js';
import { PROGRAMS_API } from './programs.js';

/** Mounted at `/api/program_enrollments/v1`. */
export function programViews(lms: Lms): View[] {
  return [
    ...myProgramViews(lms),
    ...programEnrollmentViews(lms),
    ...programCourseEnrollmentViews(lms),
    ...programGradeViews(lms),
    ...programOverviewViews(lms),
    // The feature `ENABLE_ENROLLMENT_RESET` is off.
    apiView(`${PROGRAMS_API}/integration-reset`, {
      profile: 'P1',
      permission: requireStaff,
      methods: { POST: () => json('reset not enabled on this environment', 501) },
    }),
  ];
}
