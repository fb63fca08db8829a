import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { InvalidInputError } from '../../errors.js';
import type { CheckClient } from '../../services/oauth-client/input.js';
import { clientMetadata } from './metadata.js';

/** Has the provider itself look at a client before it is saved: what it would refuse at sign-in must not get that far. */
export function createCheckClient(currentProvider: () => Provider): CheckClient {
  return (client) => {
    if (currentProvider().issuer.startsWith('https:')) client.redirectUris.forEach(requireSecure);
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

/** A code that travels by plain http is read on the way (RFC 9700 2.1.1); on the person's own machine there is no way. */
function requireSecure(uri: string): void {
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'http:' || /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new InvalidInputError(`${uri} must begin with https://, or lead to localhost.`, {
    field: ['redirectUris'],
    reason: 'INSECURE_URI',
  });
}
