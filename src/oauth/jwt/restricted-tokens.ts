import type { AccessToken, ClientCredentials } from 'oidc-provider';
import type { TokenRestriction } from '../../access/viewer.js';
import type { ClientRestriction } from '../../entities/oauth-client.entity.js';

/** Scopes that only tell who somebody is; nothing can be called with them. */
const identityScopes: ReadonlySet<string> = new Set(['openid', 'profile', 'email']);

const organizationFilter = 'content_org:';
const providerFilter = 'tpa_provider:';

/** What a client's restriction leaves of the scopes that were granted. */
export function restrictScopes(scopes: readonly string[], restriction: ClientRestriction | null): string[] {
  return scopes.filter((scope) => {
    if (!restriction) return true;
    if (restriction.mode === 'SSO_ONLY' && !identityScopes.has(scope)) return false;
    return restriction.scopes.length === 0 || restriction.scopes.includes(scope);
  });
}

/** A restriction as the `filters` claim of Open edX says it. */
export function restrictionFilters(restriction: ClientRestriction | null): string[] {
  if (!restriction) return [];
  return [
    ...restriction.organizations.map((organization) => organizationFilter + organization),
    ...restriction.providers.map((provider) => providerFilter + provider),
  ];
}

/** Reads a `filters` claim back; see {@link restrictionFilters}. */
export function parseFilters(filters: readonly string[]): TokenRestriction {
  const valuesOf = (prefix: string) =>
    filters.flatMap((filter) => (filter.startsWith(prefix) ? [filter.slice(prefix.length)] : []));
  return { organizations: valuesOf(organizationFilter), providers: valuesOf(providerFilter) };
}

/**
 * Makes a token one that has expired long ago: it shows that somebody signed in, and opens nothing.
 *
 * @param answer - the answer of the token endpoint
 * @param token - what was issued; is gone afterwards
 * @param askedAt - seconds since the epoch: as many seconds ago it expired
 */
export async function expireAnswer(
  answer: object,
  token: AccessToken | ClientCredentials,
  askedAt: number,
): Promise<object> {
  await token.destroy();
  return { ...answer, expires_in: -askedAt };
}
