import { LRUCache } from 'lru-cache';
import * as client from 'openid-client';
import { IdentityProviderError, type IdentityTrouble, type ProvenIdentity, textOf } from './proven-identity.js';

/** What it takes to ask an OpenID provider. */
export interface OidcProvider {
  issuer: string;
  clientId: string;
  /** Absent for a client that the provider knows as public. */
  clientSecret: string | undefined;
  scopes: readonly string[];
  keyClaim: string;
  redirectUri: string;
}

/** What is kept of a request until its answer is checked; a secret. */
export interface OidcRequest {
  nonce: string;
  codeVerifier: string;
}

/** Sign-ins at OpenID providers: authorization code with PKCE, `state` and `nonce` (OpenID Connect Core 3.1). */
export interface OidcSignIns {
  /**
   * @param options - `isFresh`: the person shall prove themselves anew, not by a session that they have there
   * @returns where to send the browser
   * @throws IdentityProviderError when the provider cannot be asked what it is
   */
  begin(
    provider: OidcProvider,
    state: string,
    options: { isFresh: boolean },
  ): Promise<{ url: string; request: OidcRequest }>;
  /**
   * Checks an answer, trades its code, and reads whom it names.
   *
   * @param query - of the address that the provider sent the browser back to
   * @throws IdentityProviderError
   */
  prove(
    provider: OidcProvider,
    answer: { query: URLSearchParams; state: string; request: OidcRequest },
  ): Promise<ProvenIdentity>;
}

/** Metadata change seldom; keys are read anew whenever one is not known. */
const metadataTtlMs = 10 * 60_000;
const timeoutSeconds = 5;

/**
 * @param fetch - refuses what must not be called
 * @param isInsecureAllowed - whether an issuer may be reached by plain http
 */
export function createOidcSignIns({
  fetch,
  isInsecureAllowed,
}: {
  fetch: typeof globalThis.fetch;
  isInsecureAllowed: (issuer: string) => boolean;
}): OidcSignIns {
  const known = new LRUCache<string, client.Configuration>({ max: 200, ttl: metadataTtlMs });

  const configure = async (provider: OidcProvider): Promise<client.Configuration> => {
    const { issuer, clientId, clientSecret } = provider;
    const key = JSON.stringify([issuer, clientId, clientSecret]);
    const found = known.get(key);
    if (found) return found;
    const configuration = await client.discovery(
      new URL(issuer),
      clientId,
      undefined,
      clientSecret === undefined ? client.None() : authenticateBy(clientSecret),
      {
        [client.customFetch]: (url, options) => fetch(url, options as RequestInit),
        timeout: timeoutSeconds,
        // The signature of an ID token is checked too, although it comes by a channel of ours.
        execute: [
          client.enableNonRepudiationChecks,
          ...(isInsecureAllowed(issuer) ? [client.allowInsecureRequests] : []),
        ],
      },
    );
    known.set(key, configuration);
    return configuration;
  };

  return {
    begin: (provider, state, { isFresh }) =>
      sorted(async () => {
        const configuration = await configure(provider);
        const request = { nonce: client.randomNonce(), codeVerifier: client.randomPKCECodeVerifier() };
        const url = client.buildAuthorizationUrl(configuration, {
          redirect_uri: provider.redirectUri,
          scope: provider.scopes.join(' '),
          state,
          nonce: request.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(request.codeVerifier),
          code_challenge_method: 'S256',
          ...(isFresh && { prompt: 'login' }),
        });
        return { url: url.href, request };
      }),
    prove: (provider, { query, state, request }) =>
      sorted(async () => {
        const configuration = await configure(provider);
        const tokens = await client.authorizationCodeGrant(configuration, new URL(`${provider.redirectUri}?${query}`), {
          expectedState: state,
          expectedNonce: request.nonce,
          pkceCodeVerifier: request.codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new IdentityProviderError('wrong-answer', 'the provider gave no ID token');
        const more = configuration.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : {};
        return readClaims({ ...more, ...claims }, provider.keyClaim);
      }),
  };
}

/** By the header, which every provider has to take, unless it says that it takes the form only (RFC 6749 2.3.1). */
function authenticateBy(secret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const takesFormOnly = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
    return (takesFormOnly ? post : basic)(server, metadata, body, headers);
  };
}

function readClaims(claims: Readonly<Record<string, unknown>>, keyClaim: string): ProvenIdentity {
  const { sub, email, email_verified: verified, name } = claims;
  return {
    subject: String(sub),
    externalKey: textOf(claims[keyClaim]),
    email: textOf(email),
    // Some providers send the word.
    isEmailVerified: verified === true || verified === 'true',
    name: textOf(name),
  };
}

async function sorted<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof IdentityProviderError) throw error;
    throw new IdentityProviderError(troubleOf(error), messageOf(error), { cause: error });
  }
}

const refusals = new Set(['access_denied', 'login_required', 'consent_required', 'interaction_required']);

function troubleOf(error: unknown): IdentityTrouble {
  if (error instanceof client.AuthorizationResponseError) return refusals.has(error.error) ? 'denied' : 'wrong-answer';
  // Neither the library's own judgement of an answer nor a part of one: there was no answer.
  const isJudged =
    error instanceof client.ResponseBodyError || (error instanceof client.ClientError && error.code !== undefined);
  if (!isJudged || error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT') return 'unreachable';
  return isServerError(error) ? 'unreachable' : 'wrong-answer';
}

/** The library encloses an answer with another status than was expected. */
function isServerError(error: unknown): boolean {
  if (!(error instanceof Object)) return false;
  if ('status' in error && typeof error.status === 'number') return error.status >= 500;
  return 'cause' in error && isServerError(error.cause);
}

/** With the provider's own word for it, where it has one; never its description, which may name the person. */
function messageOf(error: unknown): string {
  const word =
    error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError
      ? ` (${error.error})`
      : '';
  return error instanceof Error ? `${error.message}${word}` : String(error);
}
