import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A key to prove the possession of (RFC 9449). */
export interface ProofKey {
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function aProofKey(algorithm = 'ES256'): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), alg: algorithm } };
}

export interface ProofParts {
  htm?: string;
  token?: unknown;
  jti?: string;
  iat?: number;
  typ?: string;
  ath?: string;
}

/** The headers of a request with a proof and, when there is one, the token that it is for. */
export async function proven(key: ProofKey, htu: string, parts: ProofParts = {}): Promise<Record<string, string>> {
  const { token, typ = 'dpop+jwt' } = parts;
  const { alg = '', ...jwk } = key.publicJwk;
  const ath = parts.ath ?? (token === undefined ? undefined : hashOf(String(token)));
  const jwt = await new SignJWT({
    htm: parts.htm ?? 'GET',
    htu,
    jti: parts.jti ?? randomUUID(),
    ...(ath !== undefined && { ath }),
  })
    .setProtectedHeader({ alg, typ, jwk })
    .setIssuedAt(parts.iat)
    .sign(key.privateKey);
  return { dpop: jwt, ...(token !== undefined && { authorization: `DPoP ${String(token)}` }) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
