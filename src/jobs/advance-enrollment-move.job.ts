import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { Job } from './job.js';

/** Goes on with a deferral, transfer or refund after the LMS has answered. */
export function createAdvanceEnrollmentMoveJob({
  enrollmentMoves,
}: {
  enrollmentMoves: Pick<EnrollmentMoveService, 'advance'>;
}): Job<'advance-enrollment-move'> {
  return ({ moveId }) => enrollmentMoves.advance(moveId);
}
