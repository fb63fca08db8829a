import type Provider from 'oidc-provider';
import { type Client, errors } from 'oidc-provider';
import { InvalidInputError } from '../../errors.js';
import { type ClientDraft, clientMetadata } from './metadata.js';

/**
 * Looks up the list at a client's `sector_identifier_uri` before the client is saved (OpenID Connect Registration 5): all of
 * its redirect URIs must be there.
 *
 * @throws `InvalidInputError` when they are not, or the list cannot be had
 */
export interface SectorChecks {
  check(client: ClientDraft): Promise<void>;
  /** Whether the provider is to look as well: not each time that it reads a client, or sign-in would hang on another site. */
  isBeingChecked(client: Client): boolean;
}

export function createSectorChecks(currentProvider: () => Provider): SectorChecks {
  const underCheck = new Set<string>();
  return {
    isBeingChecked: ({ clientId }) => underCheck.has(clientId),
    async check(client) {
      if (client.metadata.sector_identifier_uri === undefined) return;
      // Under a name of its own, so that whoever signs in meanwhile is not kept.
      const clientId = `check:${crypto.randomUUID()}`;
      underCheck.add(clientId);
      try {
        await currentProvider().Client.validate(clientMetadata({ ...client, clientId }, 'stand-in'));
      } catch (error) {
        if (!(error instanceof errors.InvalidClientMetadata)) throw error;
        throw new InvalidInputError(
          error.error_description ?? 'The sector identifier URI does not fit.',
          { field: ['sectorIdentifierUri'], reason: 'INVALID_METADATA' },
          { cause: error },
        );
      } finally {
        underCheck.delete(clientId);
      }
    },
  };
}
