import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors as joseErrors, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Clock } from '../../clock.js';

/** Algorithms that a proof may be signed with. */
export const proofAlgorithms = ['ES256', 'PS256', 'Ed25519', 'EdDSA'] as const;

/** How far the time in a proof may be from ours, either way. */
const toleranceSeconds = 60;

/** A proof that came with a request, and the request that it must have been made for. */
export interface PresentedProof {
  /** Value of the `DPoP` header. */
  jwt: string;
  method: string;
  /** Path of the request; a query makes no difference. */
  path: string;
}

/** Whether a proof shows, for this request and this token, the key that the token is bound to (RFC 9449 7.1); once each. */
export type IsProven = (
  proof: PresentedProof,
  token: { value: string; thumbprint: string; clientId: string },
) => Promise<boolean>;

/** Checks proofs of possession at what is not the provider's own: pages of the API and the graph. */
export function createProofCheck(currentProvider: () => Provider, clock: Clock): IsProven {
  return async (proof, token) => {
    const provider = currentProvider();
    const now = Math.floor(clock().getTime() / 1000);
    const verified = await verifySignature(proof.jwt, clock());
    if (!verified) return false;
    const { payload, thumbprint } = verified;
    const { jti, iat, htm, htu, ath } = payload;
    if (thumbprint !== token.thumbprint) return false;
    if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') return false;
    if (Math.abs(now - iat) > toleranceSeconds) return false;
    if (htm !== proof.method || typeof htu !== 'string') return false;
    if (withoutQuery(htu) !== withoutQuery(proof.path, provider.issuer)) return false;
    if (ath !== createHash('sha256').update(token.value).digest('base64url')) return false;
    return isFirstUse(provider, token.clientId, jti, now + 2 * toleranceSeconds);
  };
}

async function verifySignature(jwt: string, currentDate: Date) {
  try {
    const algorithms = [...proofAlgorithms];
    const { payload, protectedHeader } = await jwtVerify(jwt, EmbeddedJWK, {
      algorithms,
      typ: 'dpop+jwt',
      currentDate,
    });
    if (!protectedHeader.jwk) return undefined;
    return { payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk) };
  } catch (error) {
    // A header that is no key at all is told by a TypeError.
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

async function isFirstUse(provider: Provider, clientId: string, jti: string, until: number): Promise<boolean> {
  try {
    return await provider.ReplayDetection.unique(clientId, jti, until);
  } catch (error) {
    // Of two requests at once with one proof, storage lets one through.
    if (error instanceof errors.InvalidRequest) return false;
    throw error;
  }
}

function withoutQuery(address: string, base?: string): string | undefined {
  const url = URL.parse(address, base);
  return url ? `${url.origin}${url.pathname}` : undefined;
}
