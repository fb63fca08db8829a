import { type CryptoKey, errors, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { LoadedKey } from './signing-keys.js';

/** Signs and verifies access tokens in JWT form with the keys as they were loaded. */
export interface JwtKeys {
  /** @param isRestricted - signs with the key that is kept apart for restricted clients */
  sign(claims: JWTPayload, isRestricted: boolean): Promise<string>;
  /** @returns the claims; `undefined` for whatever is not a token of ours that is valid now, wherever it is */
  verify(token: string, now: Date): Promise<JWTPayload | undefined>;
}

/** What the LMS signs with; its services verify with the published keys. */
export const jwtAlgorithm = 'RS512';
const type = 'JWT';
const clockToleranceSeconds = 10;

interface VerificationKey {
  publicKey: CryptoKey;
  isRestricted: boolean;
}

/**
 * @param loaded - keys of all purposes and algorithms, those to sign with first; others than {@link jwtAlgorithm} sign no
 * access tokens and so verify none
 */
export async function createJwtKeys(loaded: readonly LoadedKey[], issuer: string): Promise<JwtKeys> {
  const fitting = loaded.filter(({ algorithm }) => algorithm === jwtAlgorithm);
  const byKid = new Map<string, VerificationKey>();
  for (const { kid, jwk, purpose } of fitting)
    byKid.set(kid, { publicKey: await importKey(publicPart(jwk)), isRestricted: purpose === 'restricted' });
  const signer = async (purpose: LoadedKey['purpose']) => {
    const key = fitting.find((candidate) => candidate.purpose === purpose && candidate.state === 'ACTIVE');
    return key && { kid: key.kid, privateKey: await importKey(key.jwk) };
  };
  const signers = { tokens: await signer('tokens'), restricted: await signer('restricted') };

  return {
    async sign(claims, isRestricted) {
      const key = signers[isRestricted ? 'restricted' : 'tokens'];
      if (!key) throw new Error(`there is no active ${jwtAlgorithm} key`);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: jwtAlgorithm, typ: type, kid: key.kid })
        .sign(key.privateKey);
    },
    async verify(token, now) {
      try {
        // The key is found by its id among ours. Keys or addresses of keys that the token itself brings are not looked at.
        const { payload, protectedHeader } = await jwtVerify(
          token,
          ({ kid }) => byKid.get(kid ?? '')?.publicKey ?? Promise.reject(new errors.JWKSNoMatchingKey()),
          {
            issuer,
            typ: type,
            algorithms: [jwtAlgorithm],
            requiredClaims: ['aud', 'exp', 'iat', 'jti', 'sub', 'version'],
            clockTolerance: clockToleranceSeconds,
            currentDate: now,
          },
        );
        const key = byKid.get(protectedHeader.kid ?? '');
        return key?.isRestricted === payload.is_restricted ? payload : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, jwtAlgorithm);
  if (key instanceof Uint8Array) throw new Error('a signing key is asymmetric');
  return key;
}

function publicPart({ n, e }: JWK): JWK {
  return { kty: 'RSA', ...(n !== undefined && { n }), ...(e !== undefined && { e }) };
}
