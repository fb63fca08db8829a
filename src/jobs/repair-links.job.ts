import type { Logger } from '../logger.js';
import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { Job } from './job.js';

/** The safety net: what waits without a job gets one, conflicts that may be gone are looked at, tokens follow the secret keys. */
export function createRepairLinksJob({
  edxLinks,
  edxApiTokens,
  enrollments,
  enrollmentMoves,
  logger,
}: {
  edxLinks: Pick<EdxLinkService, 'sweep'>;
  edxApiTokens: Pick<EdxApiTokenService, 'reseal'>;
  enrollments: Pick<EnrollmentService, 'sweep'>;
  enrollmentMoves: Pick<EnrollmentMoveService, 'sweep'>;
  logger: Logger;
}): Job<'repair-links'> {
  return async () => {
    const links = await edxLinks.sweep();
    const enrollmentsRestarted = await enrollments.sweep();
    const movesRestarted = await enrollmentMoves.sweep();
    const tokensResealed = await edxApiTokens.reseal();
    logger.info(
      { ...links, enrollmentsRestarted, movesRestarted, tokensResealed },
      'looked for links and enrollments that nobody works on',
    );
  };
}
