import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { requireStaff } from '../access.js';
import { resetOrganization } from './integration-reset.js';
import { myProgramViews } from './my-programs.js';
import { programOverviewViews } from './overview.js';
import { programCourseEnrollmentViews } from './program-course-enrollments.js';
import { programEnrollmentViews } from './program-enrollments.js';
import { programGradeViews } from './program-grades.js';
import { PROGRAMS_API } from './programs.js';
import { programSupportViews } from './support-views.js';

/** Program enrollments, mounted at `/api/program_enrollments/v1`, and the support tool's part of them. */
export function programViews(lms: Lms): View[] {
  return [
    ...myProgramViews(lms),
    ...programEnrollmentViews(lms),
    ...programCourseEnrollmentViews(lms),
    ...programGradeViews(lms),
    ...programOverviewViews(lms),
    apiView(`${PROGRAMS_API}/integration-reset`, {
      profile: 'P1',
      permission: requireStaff,
      methods: { POST: (call) => resetOrganization(lms, call) },
    }),
    ...programSupportViews(lms),
  ];
}
