import type { ClientMetadata } from 'oidc-provider';
import { defaultScope } from '../../access/scopes.js';
import type { GrantType, OAuthClient } from '../../entities/oauth-client.entity.js';
import type { ClientFields } from '../../services/oauth-client/input.js';
import { fapiMetadata, hasSecret } from '../../services/oauth-client/security-profile.js';

/** Grant types as the OAuth registry calls them. */
const wireGrantTypes: Record<GrantType, string> = {
  AUTHORIZATION_CODE: 'authorization_code',
  REFRESH_TOKEN: 'refresh_token',
  CLIENT_CREDENTIALS: 'client_credentials',
  DEVICE_CODE: 'urn:ietf:params:oauth:grant-type:device_code',
  TOKEN_EXCHANGE: 'urn:ietf:params:oauth:grant-type:token-exchange',
};

/** Client metadata of our own, beside what OAuth registers. They keep their snake_case on the provider's client objects. */
export const extraClientProperties = [
  'first_party',
  'require_pkce',
  'allow_redirect_state',
  'owner_id',
  'introspect_audiences',
  'fapi_profile',
  'exchange_audiences',
] as const;

/** What the provider needs to know of a client; of these columns and no others. */
export type ClientDraft = Omit<ClientFields, 'tokenFormat'> &
  Pick<OAuthClient, 'clientId'> &
  Partial<Pick<OAuthClient, 'restriction'>>;

/**
 * A client as the provider reads it. The same columns always give the same JSON, by which the provider caches what it builds.
 *
 * @param secretStandIn - takes the place of the secret, which nobody has: comparing is done against the stored hashes
 */
export function clientMetadata(client: ClientDraft, secretStandIn: string): ClientMetadata {
  const isPublic = client.type === 'PUBLIC';
  const usesCode = client.grantTypes.includes('AUTHORIZATION_CODE');
  return {
    token_endpoint_auth_method: 'client_secret_basic',
    ...client.metadata,
    ...(isPublic && { token_endpoint_auth_method: 'none' }),
    ...(client.securityProfile === 'FAPI2' && { ...fapiMetadata, fapi_profile: '2.0' }),
    client_id: client.clientId,
    client_name: client.name,
    ...(hasSecret(client) && { client_secret: secretStandIn }),
    grant_types: client.grantTypes.map((grantType) => wireGrantTypes[grantType]),
    response_types: usesCode ? ['code'] : [],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    ...(client.backchannelLogoutUri && { backchannel_logout_uri: client.backchannelLogoutUri }),
    scope: allowedScopes(client).join(' '),
    first_party: client.skipConsent,
    require_pkce: isPublic || client.requirePkce,
    allow_redirect_state: client.allowRedirectState,
    ...(client.ownerId && { owner_id: client.ownerId }),
  };
}

/** What a client may ask for: what it is registered for, and of that what a restriction leaves. */
export function allowedScopes({ scopes, restriction }: Pick<ClientDraft, 'scopes' | 'restriction'>): string[] {
  const registered = scopes.length > 0 ? scopes : [defaultScope];
  return restriction?.scopes.length ? registered.filter((scope) => restriction.scopes.includes(scope)) : registered;
}
