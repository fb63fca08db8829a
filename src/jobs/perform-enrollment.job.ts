import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { Job } from './job.js';

/** Fulfils at the LMS what is wanted of an enrollment. */
export function createPerformEnrollmentJob({
  enrollments,
}: {
  enrollments: Pick<EnrollmentService, 'perform'>;
}): Job<'perform-enrollment'> {
  return ({ enrollmentId, waits }, { isRepeat }) => enrollments.perform(enrollmentId, { isRepeat, waits });
}
