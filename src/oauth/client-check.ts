import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { InvalidInputError } from '../errors.js';
import type { CheckClient } from '../services/oauth-client/input.js';
import { clientMetadata } from './client-metadata.js';

/** Has the provider itself look at a client before it is saved: what it would refuse at sign-in must not get that far. */
export function createCheckClient(currentProvider: () => Provider): CheckClient {
  return (client) => {
    try {
      // Its types leave out that the constructor takes metadata, which is where it checks them.
      Reflect.construct(currentProvider().Client, [clientMetadata(client, 'stand-in')]);
    } catch (error) {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error;
      const field = error.error === 'invalid_redirect_uri' ? 'redirectUris' : 'metadata';
      throw new InvalidInputError(
        error.error_description ?? 'The client does not fit together.',
        { field: [field], reason: 'INVALID_METADATA' },
        { cause: error },
      );
    }
  };
}
