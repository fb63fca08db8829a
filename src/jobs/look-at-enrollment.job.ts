import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { Job } from './job.js';

/** Takes over how an enrollment stands in the LMS, after the LMS told of it. */
export function createLookAtEnrollmentJob({
  enrollments,
}: {
  enrollments: Pick<EnrollmentService, 'lookAtAnnounced'>;
}): Job<'look-at-enrollment'> {
  return ({ enrollmentId, looks }) => enrollments.lookAtAnnounced(enrollmentId, looks);
}
