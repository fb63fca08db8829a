import type { GrantType, OAuthClient } from '../../entities/oauth-client.entity.js';
import { InvalidInputError } from '../../errors.js';

type ClientToCheck = Pick<
  OAuthClient,
  'type' | 'grantTypes' | 'requirePkce' | 'allowRedirectState' | 'securityProfile' | 'metadata'
>;

/** Algorithms that the FAPI 2.0 Security Profile (5.4.1) leaves a client to prove itself with. */
export const fapiSigningAlgorithms: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/**
 * Metadata that every client of the FAPI 2.0 Security Profile has: requests are pushed, the client proves itself by a key, and
 * its tokens are bound to one (5.3.2.1, 5.3.2.2). Of the algorithms allowed to us, ES256 is the one there is a key for.
 */
export const fapiMetadata = {
  token_endpoint_auth_method: 'private_key_jwt',
  require_pushed_authorization_requests: true,
  dpop_bound_access_tokens: true,
  id_token_signed_response_alg: 'ES256',
} as const;

const fapiGrantTypes: readonly GrantType[] = ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'];

/** Whether a client proves who it is by a secret; others do by a key, or not at all. */
export function hasSecret({ type, metadata, securityProfile }: Omit<ClientToCheck, 'grantTypes'>): boolean {
  return (
    type === 'CONFIDENTIAL' &&
    securityProfile === 'STANDARD' &&
    metadata.token_endpoint_auth_method !== 'private_key_jwt'
  );
}

/**
 * Checks that a client fits the profile it is registered for.
 *
 * @throws {@link InvalidInputError} naming the first field that does not
 */
export function checkSecurityProfile(client: ClientToCheck): void {
  if (client.securityProfile !== 'FAPI2') return;
  const { metadata } = client;
  if (client.type !== 'CONFIDENTIAL') refuse('type', 'FAPI 2.0 is for confidential clients.');
  const foreign = client.grantTypes.find((grantType) => !fapiGrantTypes.includes(grantType));
  if (foreign) refuse('grantTypes', `A client of FAPI 2.0 cannot have ${foreign}.`);
  if (!client.requirePkce) refuse('requirePkce', 'A client of FAPI 2.0 must use PKCE.');
  if (client.allowRedirectState)
    refuse('allowRedirectState', 'The redirect URIs of a client of FAPI 2.0 are compared exactly.');
  if (!metadata.jwks && !metadata.jwks_uri)
    refuse('metadata', 'A client of FAPI 2.0 proves itself by a key: give `jwks` or `jwks_uri`.');
  for (const [name, value] of Object.entries(fapiMetadata))
    if (metadata[name] !== undefined && metadata[name] !== value)
      refuse('metadata', `In FAPI 2.0, ${name} is ${JSON.stringify(value)}.`);
  const algorithm = metadata.token_endpoint_auth_signing_alg;
  if (algorithm !== undefined && !fapiSigningAlgorithms.includes(String(algorithm)))
    refuse('metadata', `In FAPI 2.0, token_endpoint_auth_signing_alg is one of ${fapiSigningAlgorithms.join(', ')}.`);
}

function refuse(field: keyof ClientToCheck, message: string): never {
  throw new InvalidInputError(message, { field: [field], reason: 'CONTRADICTS_PROFILE' });
}
