import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { Job } from './job.js';

/** Obtains a learner's API token ahead of its first use. Where it cannot be had, the link stays, and says why. */
export function createObtainEdxApiTokenJob({
  edxApiTokens,
}: {
  edxApiTokens: Pick<EdxApiTokenService, 'provide'>;
}): Job<'obtain-edx-api-token'> {
  return ({ accountId, ...run }) => edxApiTokens.provide(accountId, run);
}
