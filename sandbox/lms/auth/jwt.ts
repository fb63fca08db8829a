import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type CryptoKey, exportJWK, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import type { LmsUser } from '../rows.js';
import type { LmsState } from '../state.js';

const JWT_AUDIENCE = 'lms-key';
export const JWT_LIFETIME_SECONDS = 3600;

/** As the journal keeps them. */
export interface StoredKeys {
  readonly secret: string;
  readonly privateJwk: JWK;
}

/** The secret of HS256 tokens and the key pair of RS512 ones; made once and kept in the journal. */
export class SigningKeys {
  readonly #secret: Uint8Array;

  private constructor(
    secret: string,
    private readonly privateKey: CryptoKey,
    private readonly publicKey: CryptoKey,
    /** What `/auth/jwks.json` publishes. */
    readonly publicJwk: JWK,
  ) {
    this.#secret = new TextEncoder().encode(secret);
  }

  /** @param given - what a state without keys takes; made anew when left out */
  static async open(state: LmsState, given?: StoredKeys): Promise<SigningKeys> {
    if (!state.hasSingle('signingKeys')) state.putSingle<StoredKeys>('signingKeys', given ?? (await makeSigningKeys()));
    const { secret, privateJwk } = state.single<StoredKeys>('signingKeys');
    const { kid, kty, n, e } = privateJwk;
    const publicJwk = { kid, e, kty, n } as JWK;
    const [privateKey, publicKey] = await Promise.all([importJWK(privateJwk, 'RS512'), importJWK(publicJwk, 'RS512')]);
    return new SigningKeys(secret, privateKey as CryptoKey, publicKey as CryptoKey, publicJwk);
  }

  sign(claims: Readonly<Record<string, unknown>>, algorithm: 'HS256' | 'RS512'): Promise<string> {
    const key = algorithm === 'HS256' ? this.#secret : this.privateKey;
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(key);
  }

  /** Checks signature, audience, issuer and times. @returns the claims, or null for any bad token */
  async verify(token: string, issuer: string, now: Date): Promise<Readonly<Record<string, unknown>> | null> {
    const options = { audience: JWT_AUDIENCE, issuer, currentDate: now, requiredClaims: ['exp', 'iat'] };
    try {
      const algorithm = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')).alg;
      const key = algorithm === 'HS256' ? this.#secret : this.publicKey;
      return (await jwtVerify(token, key, { ...options, algorithms: ['HS256', 'RS256', 'RS512'] })).payload;
    } catch {
      return null;
    }
  }
}

/** Takes a tenth of a second of a processor; who starts many sandboxes makes keys once and gives them to each. */
export async function makeSigningKeys(): Promise<StoredKeys> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    secret: randomBytes(32).toString('base64url'),
    privateJwk: { ...(await exportJWK(privateKey)), kid: 'sandbox-lms' },
  };
}

export interface JwtGrant {
  readonly user: LmsUser;
  readonly scopes: readonly string[];
  readonly filters: readonly string[];
  readonly isRestricted: boolean;
  /** Grant type with a hyphen; null for login cookies. */
  readonly grantType: string | null;
  readonly issuer: string;
  readonly now: Date;
}

/** The claims of an LMS access token, in the LMS's order. */
export function jwtClaims({
  user,
  scopes,
  filters,
  isRestricted,
  grantType,
  issuer,
  now,
}: JwtGrant): Record<string, unknown> {
  const iat = Math.floor(now.getTime() / 1000);
  return {
    aud: JWT_AUDIENCE,
    exp: iat + JWT_LIFETIME_SECONDS,
    ...(grantType === null ? {} : { grant_type: grantType }),
    iat,
    iss: issuer,
    preferred_username: user.username,
    scopes,
    version: '1.2.0',
    sub: anonymousId(user),
    filters,
    is_restricted: isRestricted,
    email_verified: user.isActive,
    ...(scopes.includes('email') ? { email: user.email } : {}),
    ...(scopes.includes('profile')
      ? {
          name: user.profile?.name ?? null,
          family_name: '',
          given_name: '',
          administrator: user.isStaff,
          superuser: user.isSuperuser,
        }
      : {}),
    ...(scopes.includes('user_id') ? { user_id: user.id } : {}),
  };
}

/** The person's stable id in JWTs: 32 hexadecimal digits that do not show the username. */
function anonymousId(user: LmsUser): string {
  return createHash('sha256').update(`sandbox-lms:${user.id}`).digest('hex').slice(0, 32);
}
