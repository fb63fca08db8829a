import type { ClientCredentials } from '../../config/secrets.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { Upstream } from '../upstream/upstream.js';
import { parseToken, parseTokenError } from './oauth.wire.js';
import type { LmsCall } from './operations.js';

export interface LmsToken {
  accessToken: string;
  refreshToken: string | undefined;
  /** The word that goes before the token in `Authorization`. */
  scheme: 'Bearer' | 'JWT';
  expiresInSeconds: number;
  scope: string | undefined;
}

/**
 * What the token endpoint decided. `invalid-grant` concerns this code or refresh token and is final; `misconfigured` concerns
 * the client itself, so that asking again for anyone is useless until an operator acts.
 */
export type TokenOutcome =
  | { kind: 'granted'; token: LmsToken }
  | { kind: 'invalid-grant' }
  | { kind: 'misconfigured'; code: string };

/** What is asked of the token endpoint, without the client's credentials. */
export type GrantForm = Record<string, string> & {
  grant_type: 'authorization_code' | 'client_credentials' | 'refresh_token';
};

/**
 * `POST /oauth2/access_token/` with the client's credentials in the form; a query string would be answered with 500.
 *
 * @param isIdempotent - false for codes and refresh tokens, which work once
 * @throws UpstreamUnavailableError; with `mayHaveHappened` the tokens may have been rotated although none arrived
 */
export function requestToken(
  upstream: Pick<Upstream, 'call'>,
  client: ClientCredentials,
  form: GrantForm,
  { isIdempotent, ...options }: CallOptions & { isIdempotent: boolean },
): Promise<TokenOutcome> {
  const call: LmsCall<TokenOutcome> = {
    operation: `oauth.${form.grant_type}`,
    family: 'oauth',
    method: 'POST',
    path: '/oauth2/access_token/',
    body: { form: { ...form, client_id: client.clientId, client_secret: client.clientSecret } },
    credentials: 'none',
    isIdempotent,
    read: readOutcome,
  };
  return upstream.call(call, options);
}

/** Some releases and edges answer 403 at `/oauth2/` where others answer 429. @throws UpstreamUnavailableError then */
export function refuseThrottle({ status }: UpstreamAnswer): void {
  if (status === 403) throw unavailable('lms', 'throttled', { status, retryAfterSeconds: 60 });
}

function readOutcome(answer: UpstreamAnswer): TokenOutcome {
  refuseThrottle(answer);
  if (answer.status >= 400) {
    if (!answer.isJson) throw unavailable('lms', 'bad-answer', { status: answer.status });
    const { error } = parseTokenError(answer.body);
    return error === 'invalid_grant' ? { kind: 'invalid-grant' } : { kind: 'misconfigured', code: error };
  }
  const token = parseToken(answer.body);
  if (token.expires_in <= 0) return { kind: 'misconfigured', code: 'restricted_application' };
  return {
    kind: 'granted',
    token: {
      accessToken: token.access_token,
      refreshToken: token.refresh_token,
      scheme: token.token_type.toLowerCase() === 'jwt' ? 'JWT' : 'Bearer',
      expiresInSeconds: token.expires_in,
      scope: token.scope,
    },
  };
}
