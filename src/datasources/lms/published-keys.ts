import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Clock } from '../../clock.js';
import { unavailable } from '../upstream/failure.js';

/** Verifies JWTs that the LMS issued. */
export interface LmsJwtVerifier {
  /**
   * @returns the claims; `undefined` for whatever is no token of the LMS that is valid now
   * @throws UpstreamUnavailableError when the keys of the LMS were never read and cannot be
   */
  verify(token: string): Promise<JWTPayload | undefined>;
}

export interface LmsJwtSettings {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** Of tokens that are signed with HS256; without it none of those is taken. */
  secret: string | undefined;
}

/** What the LMS signs with: by default with its secret, and with its key pair on demand. */
const publicAlgorithms = ['RS256', 'RS512'];
const usualFreshMs = 10 * 60_000;
const usualPauseMs = 30_000;
const answerMs = 3_000;

/**
 * Reads the keys of the LMS when they are first needed, keeps them for ten minutes, and looks again when a token is signed by
 * another one. While the LMS is away, those that it last published hold.
 */
export function createLmsJwtVerifier(
  { jwksUrl, issuer, audience, secret }: LmsJwtSettings,
  {
    clock,
    keysFreshMs = usualFreshMs,
    reloadPauseMs = usualPauseMs,
  }: {
    clock: Clock;
    keysFreshMs?: number;
    /** An unknown key is looked for at the LMS at most so often. */
    reloadPauseMs?: number;
  },
): LmsJwtVerifier {
  const published = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: keysFreshMs,
    cooldownDuration: reloadPauseMs,
    timeoutDuration: answerMs,
    headers: { 'x-portico-purpose': 'refresh' },
  });
  const publicKeyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      return await published(header, token);
    } catch (error) {
      const last = published.jwks();
      if (!isOutage(error)) throw error;
      if (!last) throw unavailable('lms', 'unreachable', { cause: error });
      return createLocalJWKSet(last)(header, token);
    }
  };
  const secretKey = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const optionsOf = (algorithms: string[]): JWTVerifyOptions => ({
    issuer,
    audience,
    algorithms,
    requiredClaims: ['exp', 'iat'],
    currentDate: clock(),
  });

  const verifyByPublished = async (token: string): Promise<JWTPayload> => {
    const options = optionsOf(publicAlgorithms);
    try {
      return (await jwtVerify(token, publicKeyOf, options)).payload;
    } catch (error) {
      // A token does not have to say which of the keys it is signed by.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      for await (const key of error)
        try {
          return (await jwtVerify(token, key, options)).payload;
        } catch (refusal) {
          if (!(refusal instanceof errors.JWSSignatureVerificationFailed)) throw refusal;
        }
      throw new errors.JWSSignatureVerificationFailed();
    }
  };

  const verify = async (token: string): Promise<JWTPayload> => {
    if (secretKey && algorithmOf(token) === 'HS256')
      return (await jwtVerify(token, secretKey, optionsOf(['HS256']))).payload;
    try {
      return await verifyByPublished(token);
    } catch (error) {
      // Without an id of its key, a token that a new key signed looks like a forged one.
      if (!(error instanceof errors.JWSSignatureVerificationFailed) || published.coolingDown) throw error;
      await published.reload().catch((failure: unknown) => {
        if (!isOutage(failure)) throw failure;
      });
      return verifyByPublished(token);
    }
  };

  return {
    async verify(token) {
      try {
        const claims = await verify(token);
        const isOfFuture = (claims.iat ?? 0) * 1000 > clock().getTime();
        const [major] = typeof claims.version === 'string' ? claims.version.split('.') : ['1'];
        return isOfFuture || major !== '1' ? undefined : claims;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

/** Whether it was the reading of the keys that failed. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC'
  );
}

function algorithmOf(token: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    return header instanceof Object && 'alg' in header ? header.alg : undefined;
  } catch {
    return undefined;
  }
}
