import type { Logger } from '../logger.js';
import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EdxRepairService } from '../services/edx-repair/edx-repair.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { IdentityProviders } from '../services/identity-provider/identity-providers.js';
import type { Job } from './job.js';

/**
 * The safety net of links: what waits without a job gets one, conflicts that may be gone are looked at, tokens, and secrets
 * of identity providers, follow the secret keys, and a repair begins.
 */
export function createRepairLinksJob({
  edxLinks,
  edxApiTokens,
  edxRepair,
  identityProviders,
  logger,
}: {
  edxLinks: Pick<EdxLinkService, 'sweep'>;
  edxApiTokens: Pick<EdxApiTokenService, 'reseal'>;
  edxRepair: Pick<EdxRepairService, 'repairIfNeeded'>;
  identityProviders: Pick<IdentityProviders, 'reseal'>;
  logger: Logger;
}): Job<'repair-links'> {
  return async () => {
    const links = await edxLinks.sweep();
    const tokensResealed = await edxApiTokens.reseal();
    const secretsResealed = await identityProviders.reseal();
    const repair = await edxRepair.repairIfNeeded();
    logger.info(
      { ...links, tokensResealed, secretsResealed, repair: repair?.id ?? null },
      'looked for links that nobody works on',
    );
  };
}

/** The safety net of enrollments and what moves them: what waits without a job gets one. */
export function createRetryEnrollmentsJob({
  enrollments,
  enrollmentMoves,
  logger,
}: {
  enrollments: Pick<EnrollmentService, 'sweep'>;
  enrollmentMoves: Pick<EnrollmentMoveService, 'sweep'>;
  logger: Logger;
}): Job<'retry-enrollments'> {
  return async () => {
    const enrollmentsRestarted = await enrollments.sweep();
    const movesRestarted = await enrollmentMoves.sweep();
    logger.info({ enrollmentsRestarted, movesRestarted }, 'looked for enrollments that nobody works on');
  };
}

/** Begins the nightly comparison with the LMS. */
export function createCheckDriftJob({
  edxRepair,
}: {
  edxRepair: Pick<EdxRepairService, 'checkAll'>;
}): Job<'check-drift'> {
  return async () => {
    await edxRepair.checkAll();
  };
}
