import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../clock.js';
import type { OAuthClient } from '../../entities/oauth-client.entity.js';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import type { ClientRegistry } from '../client/registry.js';
import { actorOf } from '../exchange/actor.js';
import { jwtTokenType, tokenExchange } from '../exchange/parameters.js';
import type { Middleware } from '../middleware.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { edxSector, type Subjects } from '../storage/subjects.js';
import { edxClaims } from './claims.js';
import type { JwtKeys } from './keys.js';
import { expireAnswer, restrictionFilters, restrictScopes } from './restricted-tokens.js';

/** The user id that the LMS gave a person; `undefined` while it has none for them. */
export type FindLmsUserId = (accountId: string) => Promise<number | undefined>;

export interface JwtAnswerDependencies {
  issuer: string;
  audience: string;
  /** The keys that go with the provider that answers. */
  keys: JwtKeys;
  accounts: AccountSource;
  clients: ClientRegistry;
  artifacts: ArtifactStore;
  subjects: Subjects;
  findLmsUserId: FindLmsUserId;
  clock: Clock;
}

/** Longest life of a JWT that only tells who somebody is. */
const identityJwtSeconds = 300;

/**
 * Answers token requests in the manner of Open edX: the provider issues and stores its token as ever, and whoever asks for
 * `token_type=jwt` is given a JWT in its place. Restricted clients get nothing else that opens anything.
 */
export function answerTokenRequests(dependencies: JwtAnswerDependencies): Middleware {
  const { clients, clock } = dependencies;
  return async (ctx, next) => {
    // Not after the provider has looked at its clock, so that no JWT outlives the token behind it.
    const askedAt = Math.floor(clock().getTime() / 1000);
    await next();
    if (ctx.oidc?.route !== 'token' || ctx.status !== 200 || !isTokenAnswer(ctx.body)) return;
    const { AccessToken, ClientCredentials } = ctx.oidc.entities;
    const token = AccessToken ?? ClientCredentials;
    const client = token && (await clients.find(token.clientId ?? ''));
    if (!client) return;
    if (wantsJwt(ctx, client))
      ctx.body = await toJwtAnswer(ctx.body, { token, client, askedAt, tokenType: tokenTypeOf(ctx) }, dependencies);
    else if (client.restriction) ctx.body = await expireAnswer(ctx.body, token, askedAt);
  };
}

interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

function isTokenAnswer(body: unknown): body is TokenAnswer {
  return body instanceof Object && 'expires_in' in body && typeof body.expires_in === 'number';
}

/**
 * By the form field or, without one, by the header that Open edX knows or, without both, by what the client is set up for; in
 * an exchange, by what RFC 8693 calls it. Never for a client that must not learn who people are: such a JWT has the username.
 */
function wantsJwt(ctx: KoaContextWithOIDC, client: OAuthClient): boolean {
  if (ctx.oidc.client?.subjectType === 'pairwise') return false;
  if (ctx.oidc.params?.requested_token_type !== undefined) return ctx.oidc.params.requested_token_type === jwtTokenType;
  const field: unknown = ctx.oidc.body?.token_type;
  const asked = field ?? (ctx.get('x-token-type') || undefined);
  return asked === undefined ? client.tokenFormat === 'JWT' : String(asked).toLowerCase() === 'jwt';
}

/** How the token is to be sent; Open edX calls it JWT, everybody else Bearer. */
function tokenTypeOf({ oidc }: KoaContextWithOIDC): string {
  return oidc.params?.grant_type === tokenExchange ? 'Bearer' : 'JWT';
}

async function toJwtAnswer(
  answer: TokenAnswer,
  {
    token,
    client,
    askedAt,
    tokenType,
  }: { token: AccessToken | ClientCredentials; client: OAuthClient; askedAt: number; tokenType: string },
  { issuer, audience, keys, accounts, artifacts, subjects, findLmsUserId }: JwtAnswerDependencies,
): Promise<object> {
  const { clientId } = client;
  const restriction = client.restriction ?? null;
  const isPersonal = token.kind === 'AccessToken';
  const scopes = restrictScopes((token.scope ?? '').split(' ').filter(Boolean), restriction);
  const accountId = isPersonal ? token.accountId : client.ownerId;
  const account = accountId ? await findActiveAccount(accounts, accountId) : undefined;
  const isIdentityOnly = restriction?.mode === 'SSO_ONLY';
  const lifeSeconds = isIdentityOnly ? Math.min(answer.expires_in, identityJwtSeconds) : answer.expires_in;
  const claims = edxClaims({
    person: account && {
      account,
      anonymousId: await subjects.subjectOf(account.id, edxSector),
      lmsUserId: scopes.includes('user_id') ? await findLmsUserId(account.id) : undefined,
    },
    clientId,
    scopes,
    filters: restrictionFilters(restriction),
    isRestricted: restriction !== null,
    grantType: isPersonal ? token.gty : 'client_credentials',
  });
  const boundTo = token.jkt;
  const act = actorOf(token);
  const standard = { iss: issuer, aud: token.aud ?? audience, iat: askedAt, exp: askedAt + lifeSeconds };
  const jwt = await keys.sign(
    {
      ...claims,
      ...standard,
      ...(act && { act }),
      jti: artifacts.storedIdOf(token.jti),
      ...(boundTo && { cnf: { jkt: boundTo } }),
    },
    restriction !== null,
  );
  if (isIdentityOnly) await token.destroy();
  return {
    ...answer,
    access_token: jwt,
    token_type: boundTo ? 'DPoP' : tokenType,
    expires_in: lifeSeconds,
    scope: scopes.join(' '),
  };
}
