import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Sealer } from '../../crypto/sealer.js';
import type { SigningAlgorithm, SigningKeyPurpose } from '../../entities/signing-key.entity.js';

/** What a key is made for. One key of each kind signs at a time. */
export interface SigningKeyKind {
  purpose: SigningKeyPurpose;
  algorithm: SigningAlgorithm;
}

/**
 * The kinds that are always there: RS256, which OpenID Connect asks for; ES256, the cheap one; RS512, which Open edX signs its
 * access tokens with, and the same apart from it for restricted clients.
 */
export const signingKeyKinds: readonly SigningKeyKind[] = [
  { purpose: 'tokens', algorithm: 'RS256' },
  { purpose: 'tokens', algorithm: 'ES256' },
  { purpose: 'tokens', algorithm: 'RS512' },
  { purpose: 'restricted', algorithm: 'RS512' },
];

/** @returns a fresh key pair: its id (RFC 7638) and the private JWK, sealed */
export async function generateSigningKey(
  algorithm: SigningAlgorithm,
  sealer: Sealer,
): Promise<{ kid: string; privateJwk: string }> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateJwk: await sealer.seal(JSON.stringify({ ...jwk, kid, alg: algorithm, use: 'sig' })) };
}
