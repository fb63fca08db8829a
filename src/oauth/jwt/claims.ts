import { expandRoles } from '../../access/viewer.js';
import { splitName } from '../../services/account/person-name.js';
import type { OAuthAccount } from '../account-source.js';

/** Version of the claims, as the LMS counts them. */
const claimsVersion = '1.2.0';

/** What an access token in the form of Open edX is made from. */
export interface EdxTokenFacts {
  /** Whom the token acts for; nobody, when a client without an owner acts for itself. */
  person: { account: OAuthAccount; anonymousId: string; lmsUserId: number | undefined } | undefined;
  clientId: string;
  scopes: readonly string[];
  /** Limits beside the scopes, e.g. `content_org:DemoU`. */
  filters: readonly string[];
  isRestricted: boolean;
  /** How the token was obtained, as the provider notes it, e.g. `authorization_code refresh_token`. */
  grantType: string;
}

/**
 * The claims of an access token in the form of Open edX, but for issuer, audience and times: each under the scope that the LMS
 * puts it under.
 *
 * @see https://github.com/openedx/edx-platform, `openedx/core/djangoapps/oauth_dispatch/jwt.py`
 */
export function edxClaims(facts: EdxTokenFacts): Record<string, unknown> {
  const { person, scopes, isRestricted } = facts;
  const grantType = edxGrantType(facts.grantType);
  const general = {
    version: claimsVersion,
    grant_type: grantType,
    scopes: [...scopes],
    filters: [...facts.filters, ...(grantType === 'client-credentials' ? [] : ['user:me'])],
    is_restricted: isRestricted,
  };
  if (!person) return { sub: facts.clientId, ...general };
  const { account, anonymousId, lmsUserId } = person;
  const has = (scope: string) => scopes.includes(scope);
  return {
    sub: anonymousId,
    ...general,
    preferred_username: account.username,
    email_verified: account.emailVerifiedAt instanceof Date,
    ...(has('email') && { email: account.email }),
    ...(has('profile') && profileClaims(account)),
    ...(has('user_id') && lmsUserId !== undefined && { user_id: lmsUserId }),
  };
}

function profileClaims({ name, roles }: OAuthAccount): Record<string, unknown> {
  const { given, family } = splitName(name);
  const all = expandRoles(roles);
  return {
    name,
    given_name: given,
    family_name: family,
    administrator: all.has('STAFF'),
    superuser: all.has('ADMIN'),
  };
}

/** `authorization_code refresh_token` → `authorization-code`: the grant that began it, with hyphens. */
function edxGrantType(grantType: string): string {
  const [first = ''] = grantType.split(' ');
  return first.slice(first.lastIndexOf(':') + 1).replaceAll('_', '-');
}
