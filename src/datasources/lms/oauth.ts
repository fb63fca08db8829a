import { rejected } from '../upstream/answer.js';
import type { CallOptions } from '../upstream/call.js';
import type { LmsClient } from './lms-client.js';
import { type GrantForm, refuseThrottle, requestToken, type TokenOutcome } from './token-endpoint.js';

/** The LMS as OAuth2 server, with Portico's own client: learners' API tokens. */
export interface OAuthWrites {
  /**
   * @param code - lives 60 seconds and works once
   * @param redirectUri - byte-equal to the one of the authorization request
   */
  exchangeCode(code: string, redirectUri: string, options: CallOptions): Promise<TokenOutcome>;
  /**
   * Rotates: the old pair is void at once. Store the new one before using it, and let no two run for one learner. After an
   * error with `mayHaveHappened` the new pair may be lost, and only a new authorization helps.
   */
  refreshToken(refreshToken: string, options: CallOptions): Promise<TokenOutcome>;
  /** Ends a token of either kind. One that the LMS does not know has ended already. */
  revokeToken(token: string, options: CallOptions): Promise<void>;
}

export function createOAuthWrites(client: LmsClient): OAuthWrites {
  const grant = (form: GrantForm, options: CallOptions) =>
    requestToken({ call: client.request }, client.apiClient, form, { ...options, isIdempotent: false });
  return {
    exchangeCode: (code, redirectUri, options) =>
      grant({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }, options),
    refreshToken: (refreshToken, options) =>
      grant({ grant_type: 'refresh_token', refresh_token: refreshToken }, options),
    revokeToken: (token, options) =>
      client.request(
        {
          operation: 'oauth.revoke',
          family: 'oauth',
          method: 'POST',
          path: '/oauth2/revoke_token/',
          body: {
            form: { token, client_id: client.apiClient.clientId, client_secret: client.apiClient.clientSecret },
          },
          credentials: 'none',
          isIdempotent: true,
          read: (answer) => {
            refuseThrottle(answer);
            if (answer.status >= 400) throw rejected('lms', 'oauth.revoke', answer);
          },
        },
        options,
      ),
  };
}
