import { asLmsSees, jwtIssuer } from '../auth/authenticate.js';
import { JWT_LIFETIME_SECONDS, jwtClaims } from '../auth/jwt.js';
import { type Answer, json } from '../http/answer.js';
import { randomText } from '../http/cookies.js';
import type { Lms } from '../lms.js';
import type { LmsUser, OAuthApplication } from '../rows.js';
import { noStore } from './clients.js';

const BEARER_LIFETIME_SECONDS = 36_000;

export interface Issue {
  readonly application: OAuthApplication;
  readonly user: LmsUser;
  readonly scopes: readonly string[];
  readonly withRefreshToken: boolean;
  /** `Authorization` scheme of the answer. */
  readonly format: 'bearer' | 'jwt';
  /** Whether the form field, not only the header, asked for a JWT; restricted applications get expired tokens otherwise. */
  readonly isJwtByField: boolean;
  readonly isAsymmetric: boolean;
  readonly now: Date;
  /** What else must become true together with the new token, such as the end of the one it replaces. */
  readonly alongside?: () => void;
}

/** Issues tokens in one transaction and words them as the token endpoint does. A JWT has an opaque row behind it too. */
export async function issueTokens(lms: Lms, issue: Issue): Promise<Answer> {
  const { application, user, scopes, now } = issue;
  const isExpired = application.restricted && !issue.isJwtByField;
  const accessToken = randomText(30);
  const refreshToken = issue.withRefreshToken ? randomText(30) : null;
  lms.state.atomically(() => {
    issue.alongside?.();
    lms.state.accessTokens.set(accessToken, {
      token: accessToken,
      clientId: application.clientId,
      username: user.username,
      scopes,
      issuedAt: now.toISOString(),
      expiresAt: isExpired
        ? new Date(0).toISOString()
        : new Date(now.getTime() + BEARER_LIFETIME_SECONDS * 1000).toISOString(),
    });
    if (refreshToken !== null) {
      lms.state.refreshTokens.set(refreshToken, {
        token: refreshToken,
        clientId: application.clientId,
        username: user.username,
        scopes,
        accessToken,
      });
    }
  });
  const refresh = refreshToken === null ? {} : { refresh_token: refreshToken };
  if (issue.format === 'bearer') {
    const lifetime = isExpired ? -now.getTime() / 1000 : BEARER_LIFETIME_SECONDS;
    return json(
      { access_token: accessToken, expires_in: lifetime, token_type: 'Bearer', scope: scopes.join(' '), ...refresh },
      200,
      noStore,
    );
  }
  const jwtScopes = application.grant === 'password' && !scopes.includes('user_id') ? [...scopes, 'user_id'] : scopes;
  const claims = jwtClaims({
    user: asLmsSees(lms, user),
    scopes: jwtScopes,
    filters: [...application.filters, ...(application.grant === 'client-credentials' ? [] : ['user:me'])],
    isRestricted: application.restricted,
    grantType: application.grant,
    issuer: jwtIssuer(lms),
    now,
  });
  const jwt = await lms.keys.sign(claims, application.restricted || issue.isAsymmetric ? 'RS512' : 'HS256');
  return json(
    { access_token: jwt, expires_in: JWT_LIFETIME_SECONDS, token_type: 'JWT', scope: jwtScopes.join(' '), ...refresh },
    200,
    noStore,
  );
}
