import type { Logger } from '../logger.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { Job } from './job.js';

/** The safety net: what waits without a job gets one, and conflicts that may be gone are looked at. */
export function createRepairLinksJob({
  edxLinks,
  enrollments,
  enrollmentMoves,
  logger,
}: {
  edxLinks: Pick<EdxLinkService, 'sweep'>;
  enrollments: Pick<EnrollmentService, 'sweep'>;
  enrollmentMoves: Pick<EnrollmentMoveService, 'sweep'>;
  logger: Logger;
}): Job<'repair-links'> {
  return async () => {
    const links = await edxLinks.sweep();
    const enrollmentsRestarted = await enrollments.sweep();
    const movesRestarted = await enrollmentMoves.sweep();
    logger.info(
      { ...links, enrollmentsRestarted, movesRestarted },
      'looked for links and enrollments that nobody works on',
    );
  };
}
