import type Provider from 'oidc-provider';
import { randomSecret } from '../../crypto/hash.js';
import type { NewArtifact } from '../storage/artifact-store.js';
import type { Granted } from './granted.js';
import { nowSeconds, type PlainTokenDependencies } from './plain-token.js';

export interface PersonTokenDependencies extends PlainTokenDependencies {
  currentProvider: () => Provider;
}

/** A token that is to be stored, and its value. */
interface MadeToken {
  value: string;
  artifact: NewArtifact;
}

/** An opaque access token of a person. @param gty - by which grants it came about, e.g. `authorization_code refresh_token` */
export function makeAccessToken(
  { payload, grantId, account }: Pick<Granted, 'payload' | 'grantId'> & { account: Pick<Granted['account'], 'id'> },
  { clientId, gty, scope, lifeSeconds }: { clientId: string; gty: string; scope: string; lifeSeconds: number },
): MadeToken {
  const { expiresWithSession, sessionUid, sid } = payload;
  const session = { ...(expiresWithSession !== undefined && { expiresWithSession }), sessionUid, sid };
  return make('AccessToken', { accountId: account.id, clientId, gty, grantId, scope, ...session }, lifeSeconds);
}

/** The refresh token that goes with a code. */
export function makeRefreshToken(
  { payload, grantId, account }: Granted,
  { clientId, gty, lifeSeconds }: { clientId: string; gty: string; lifeSeconds: number },
): MadeToken {
  const { acr, amr, authTime, nonce, scope, expiresWithSession, sessionUid, sid } = payload;
  const login = { acr, amr, authTime, nonce };
  const session = { ...(expiresWithSession !== undefined && { expiresWithSession }), sessionUid, sid };
  const chain = { rotations: 0, iiat: nowSeconds() };
  const all = { accountId: account.id, clientId, gty, grantId, scope, ...login, ...session, ...chain };
  return make('RefreshToken', all, lifeSeconds);
}

function make(kind: string, own: object, lifeSeconds: number): MadeToken {
  const value = randomSecret();
  const now = nowSeconds();
  const payload = { iat: now, exp: now + lifeSeconds, jti: value, kind, ...own };
  return { value, artifact: { model: kind, id: value, payload, expiresInSeconds: lifeSeconds } };
}

/** The token answer (RFC 6749 5.1). */
export function tokenAnswer(given: {
  accessToken: MadeToken;
  idToken: string | undefined;
  refreshToken: string | undefined;
  scope: string;
}): string {
  const { accessToken, idToken, refreshToken, scope } = given;
  return JSON.stringify({
    access_token: accessToken.value,
    expires_in: accessToken.artifact.expiresInSeconds,
    id_token: idToken,
    refresh_token: refreshToken,
    scope,
    token_type: 'Bearer',
  });
}
