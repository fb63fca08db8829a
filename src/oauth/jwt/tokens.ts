import type { JWTPayload } from 'jose';
import type Provider from 'oidc-provider';
import type { AccessToken, ClientCredentials } from 'oidc-provider';
import type { Clock } from '../../clock.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { isGranted } from '../token/grant.js';
import type { JwtKeys } from './keys.js';

/** A valid access token in JWT form, with the stored token behind it. */
export interface JwtToken {
  claims: JWTPayload;
  scopes: readonly string[];
  filters: readonly string[];
  isRestricted: boolean;
  /** What was issued and stored; the JWT is a copy of it that others can read. */
  stored: AccessToken | ClientCredentials;
}

/**
 * Finds the token behind a JWT. A JWT is good for as long as the stored token is there: revoking that, by whatever way and in
 * whatever process, ends the JWT as well.
 *
 * @returns `undefined` for whatever is not a valid token of ours
 */
export type FindJwtToken = (jwt: string) => Promise<JwtToken | undefined>;

export function createFindJwtToken({
  currentKeys,
  currentProvider,
  artifacts,
  clock,
  audience,
}: {
  currentKeys: () => JwtKeys;
  currentProvider: () => Provider;
  artifacts: ArtifactStore;
  clock: Clock;
  /** Of tokens that are for nobody in particular. */
  audience: string;
}): FindJwtToken {
  return async (jwt) => {
    const claims = await currentKeys().verify(jwt, clock());
    if (!claims?.jti) return undefined;
    const name = artifacts.nameOf(claims.jti);
    const provider = currentProvider();
    const [personal, own] = await Promise.all([provider.AccessToken.find(name), provider.ClientCredentials.find(name)]);
    const stored = personal ?? own;
    if (!stored?.isValid || (personal && !(await isGranted(provider, personal)))) return undefined;
    if (claims.aud !== (stored.aud ?? audience)) return undefined;
    return {
      claims,
      scopes: textsOf(claims.scopes),
      filters: textsOf(claims.filters),
      isRestricted: claims.is_restricted === true,
      stored,
    };
  };
}

/** Whether a value has the three parts of a JWT; our other tokens have no dots. */
export function isJwt(token: string): boolean {
  return token.split('.').length === 3;
}

function textsOf(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.map(String) : [];
}
