import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { once } from './once.js';
import type { UniversityPerson } from './people.js';

/** What an answer of the provider is spoiled with, as an attacker or a misconfiguration would. */
export type Spoil = 'nonce' | 'audience' | 'issuer' | 'signature' | 'expired' | 'down' | 'no-json';

export interface OpenIdClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly location?: string;
}

interface Code {
  readonly person: UniversityPerson;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
}

const kid = 'demou-1';

/** An OpenID provider with codes, PKCE and one confidential client. */
export function createOpenId({
  issuer,
  client,
  isOwnRedirect,
  spoil,
}: {
  issuer: () => string;
  client: OpenIdClient;
  isOwnRedirect: (uri: string) => boolean;
  spoil: () => string | undefined;
}) {
  // Most who start a sandbox never sign in here, and keys take a tenth of a second each.
  const keys = once(() => generateKeyPair('RS256'));
  const foreignKeys = once(() => generateKeyPair('RS256'));
  const codes = new Map<string, Code>();
  const tokens = new Map<string, UniversityPerson>();

  const idToken = async ({ person, nonce }: Code) => {
    const mode = spoil();
    const now = Math.floor(Date.now() / 1000) - (mode === 'expired' ? 7_200 : 0);
    const { privateKey } = await (mode === 'signature' ? foreignKeys() : keys());
    return new SignJWT({ ...claimsOf(person), nonce: mode === 'nonce' ? 'another' : nonce })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(mode === 'issuer' ? 'https://elsewhere.example.edu' : issuer())
      .setAudience(mode === 'audience' ? 'another-client' : client.clientId)
      .setIssuedAt(now)
      .setExpirationTime(now + 600)
      .sign(privateKey);
  };

  return {
    metadata: () =>
      json(200, {
        issuer: issuer(),
        authorization_endpoint: `${issuer()}/authorize`,
        token_endpoint: `${issuer()}/token`,
        userinfo_endpoint: `${issuer()}/userinfo`,
        jwks_uri: `${issuer()}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      }),
    async jwks(): Promise<Answer> {
      const jwk = await exportJWK((await keys()).publicKey);
      return json(200, { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] });
    },
    /** What a request lacks; nothing when it can be asked of the person. */
    problemOf(query: URLSearchParams): string | undefined {
      if (query.get('client_id') !== client.clientId) return 'unknown client';
      if (!isOwnRedirect(query.get('redirect_uri') ?? '')) return 'unknown redirect_uri';
      if (query.get('response_type') !== 'code') return 'response_type is not code';
      if (query.get('code_challenge_method') !== 'S256') return 'PKCE is missing';
      return undefined;
    },
    /** Sends the browser back; without a person they said no. */
    decide(query: URLSearchParams, person: UniversityPerson | undefined): Answer {
      const target = new URL(query.get('redirect_uri') ?? '');
      target.searchParams.set('state', query.get('state') ?? '');
      target.searchParams.set('iss', issuer());
      if (person) {
        const code = randomBytes(24).toString('base64url');
        codes.set(code, {
          person,
          redirectUri: query.get('redirect_uri') ?? '',
          challenge: query.get('code_challenge') ?? '',
          nonce: query.get('nonce') ?? '',
        });
        target.searchParams.set('code', code);
      } else target.searchParams.set('error', 'access_denied');
      return { status: 303, location: target.href };
    },
    async token(form: URLSearchParams, authorization: string | undefined): Promise<Answer> {
      if (spoil() === 'down') return json(503, { error: 'temporarily_unavailable' });
      if (spoil() === 'no-json') return { status: 200, type: 'text/html', body: '<h1>Welcome</h1>' };
      if (!isClient(authorization, client)) return json(401, { error: 'invalid_client' });
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (!code || code.redirectUri !== form.get('redirect_uri') || code.challenge !== challenge)
        return json(400, { error: 'invalid_grant' });
      const accessToken = randomBytes(24).toString('base64url');
      tokens.set(accessToken, code.person);
      return json(200, {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: 600,
        id_token: await idToken(code),
      });
    },
    userinfo(authorization: string | undefined): Answer {
      const person = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
      return person ? json(200, claimsOf(person)) : json(401, { error: 'invalid_token' });
    },
  };
}

function claimsOf({ sub, name, email, emailVerified, studentKey }: UniversityPerson) {
  return { sub, name, email, email_verified: emailVerified, ...(studentKey !== null && { student_key: studentKey }) };
}

/** Both parts are form-encoded before they are joined (RFC 6749 2.3.1). */
function isClient(authorization: string | undefined, { clientId, clientSecret }: OpenIdClient): boolean {
  const [, given = ''] = /^Basic (.+)$/i.exec(authorization ?? '') ?? [];
  const parts = Buffer.from(given, 'base64').toString().split(':').map(decodeURIComponent);
  const [actual, expected] = [Buffer.from(parts.join(':')), Buffer.from(`${clientId}:${clientSecret}`)];
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}
