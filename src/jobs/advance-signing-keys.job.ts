import type { Logger } from '../logger.js';
import type { SigningKeyService } from '../services/signing-key/signing-key.service.js';
import type { Job } from './job.js';

/** Takes the steps of a key rotation that are due. */
export function createAdvanceSigningKeysJob({
  signingKeys,
  logger,
}: {
  signingKeys: Pick<SigningKeyService, 'advance'>;
  logger: Logger;
}): Job<'advance-signing-keys'> {
  return async () => {
    const { activated, retired } = await signingKeys.advance();
    if (activated.length + retired.length > 0) logger.info({ activated, retired }, 'signing keys moved on');
  };
}
