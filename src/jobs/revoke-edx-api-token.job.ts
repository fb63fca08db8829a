import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { Job } from './job.js';

/** Ends a learner's token at the LMS after Portico has forgotten it. */
export function createRevokeEdxApiTokenJob({
  edxApiTokens,
}: {
  edxApiTokens: Pick<EdxApiTokenService, 'revoke'>;
}): Job<'revoke-edx-api-token'> {
  return ({ sealed }) => edxApiTokens.revoke(sealed);
}
