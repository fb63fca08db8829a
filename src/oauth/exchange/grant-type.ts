import type Provider from 'oidc-provider';
import { type AccessToken, errors, type TokenEndpointGrantContext } from 'oidc-provider';
// Meant for grant types of one's own, and free to change with any release: nothing else imports it.
import {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js';
import type { OAuthClient } from '../../entities/oauth-client.entity.js';
import { allowedScopes } from '../client/metadata.js';
import type { ClientRegistry } from '../client/registry.js';
import { errorOf, type Middleware } from '../middleware.js';
import type { SubjectOf } from '../subject-of.js';
import { type Actor, actorOf, countActors, mostActors, setActor } from './actor.js';
import { exchangeGrantId } from './grants.js';
import {
  accessTokenType,
  exchangeParameters,
  jwtTokenType,
  readExchangeRequest,
  repeatableParameters,
  tokenExchange,
} from './parameters.js';
import type { PresentedToken, PresentedTokens } from './presented-token.js';

export interface ExchangeDependencies {
  clients: ClientRegistry;
  presentedTokens: PresentedTokens;
  subjectOf: SubjectOf;
  /** Names of our own, which need not be asked for. */
  ownAudiences: readonly string[];
  accessTokenSeconds: number;
}

/**
 * Token exchange (RFC 8693): a back end that received an access token of a person trades it for one of its own, for fewer
 * scopes or another audience, and never for more. The new token says who acts with it, lives no longer than the other, and
 * ends with it.
 */
export function registerTokenExchange(provider: Provider, dependencies: ExchangeDependencies): void {
  const exchange = (ctx: TokenEndpointGrantContext) => exchangeToken(provider, ctx, dependencies);
  provider.registerGrantType(tokenExchange, exchange, exchangeParameters, repeatableParameters);
}

async function exchangeToken(
  provider: Provider,
  ctx: TokenEndpointGrantContext,
  { clients, presentedTokens, subjectOf, ownAudiences, accessTokenSeconds }: ExchangeDependencies,
): Promise<void> {
  const { client } = ctx.oidc;
  const { clientId } = client;
  const proof = await validateDpop(provider, ctx);
  checkDpopRequired(provider, ctx, proof);
  const request = readExchangeRequest(ctx.oidc.params);
  const row = await clients.find(clientId);
  if (!row || row.restriction) throw new errors.UnauthorizedClient('a restricted client exchanges no tokens');

  const subject = await presentedTokens.require(request.subjectToken, 'subject_token', proof?.thumbprint);
  const person = personal(subject);
  if (!person) throw new errors.InvalidRequest('subject_token is not that of a person');
  const audience = targetOf(request.target, row, ownAudiences);
  const issuedTo = await clients.find(person.clientId ?? '');
  const scopes = narrow(request.scopes, person, [row, ...(issuedTo ? [issuedTo] : [])]);
  const actor = request.actorToken
    ? await presentedTokens.require(request.actorToken, 'actor_token', proof?.thumbprint)
    : undefined;
  if (actor && actor.stored.clientId !== clientId)
    throw new errors.InvalidRequest('actor_token was issued to another client');
  const act = await nameActor(actor, { clientId, before: actorOf(person), subjectOf });
  await checkDpopReplay(provider, ctx, proof, clientId);

  const expiresIn = Math.min(accessTokenSeconds, await secondsLeft(provider, person));
  if (expiresIn < 1) throw new errors.InvalidRequest('subject_token is not a valid access token');
  const { accountId } = person;
  const grantId = exchangeGrantId(subject.storedId, clientId);
  const grant =
    (await provider.Grant.find(grantId)) ??
    Object.assign(new provider.Grant({ accountId, clientId }), {
      jti: grantId,
      expiresIn: await secondsLeft(provider, person),
    });
  grant.addOIDCScope(scopes.join(' '));
  await grant.save();
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId,
    gty: tokenExchange,
    scope: scopes.join(' '),
    expiresIn,
    ...(audience !== undefined && { aud: audience }),
  });
  if (proof) token.setThumbprint('jkt', proof.thumbprint);
  setActor(ctx, act);
  ctx.oidc.entity('AccessToken', token);
  ctx.body = buildTokenResponse(provider, {
    accessToken: await token.save(),
    expiresIn,
    scope: token.scope,
    tokenType: token.tokenType,
    issuedTokenType: request.wantsJwt ? jwtTokenType : accessTokenType,
  });
}

function personal({ stored }: PresentedToken): AccessToken | undefined {
  return stored.kind === 'AccessToken' ? stored : undefined;
}

/** @returns the audience of the new token; nothing for ourselves */
function targetOf(
  wanted: string | undefined,
  { metadata }: OAuthClient,
  ownAudiences: readonly string[],
): string | undefined {
  if (wanted === undefined || ownAudiences.includes(wanted)) return undefined;
  const allowed = metadata.exchange_audiences;
  if (Array.isArray(allowed) && allowed.includes(wanted)) return wanted;
  throw new errors.InvalidTarget('the client is not registered for this audience or resource');
}

/**
 * Of what the token allows, what the client is registered for, and what the one that it was issued to still is; and of that
 * what is asked for.
 */
function narrow(asked: readonly string[], subject: AccessToken, clients: readonly OAuthClient[]): string[] {
  // It is about refresh tokens, and an exchange gives none.
  const possible = [...subject.scopes].filter(
    (scope) => scope !== 'offline_access' && clients.every((client) => allowedScopes(client).includes(scope)),
  );
  const beyond = asked.filter((scope) => !possible.includes(scope));
  if (beyond.length > 0)
    throw new errors.InvalidScope('requested scope is beyond the subject token or the client', beyond.join(' '));
  if (possible.length === 0) throw new errors.InvalidScope('no scope of the subject token is left for this client', '');
  return asked.length > 0 ? [...asked] : possible;
}

async function nameActor(
  actor: PresentedToken | undefined,
  { clientId, before, subjectOf }: { clientId: string; before: Actor | undefined; subjectOf: SubjectOf },
): Promise<Actor> {
  if (countActors(before) >= mostActors) throw new errors.InvalidRequest('subject_token went through too many hands');
  const earlier = before && { act: before };
  const accountId = actor && personal(actor)?.accountId;
  if (!accountId) return { sub: clientId, ...earlier };
  return { sub: await subjectOf(accountId, clientId), client_id: clientId, ...earlier };
}

/** A token that hangs on a session ends with it. */
async function secondsLeft(provider: Provider, { exp, expiresWithSession, sessionUid }: AccessToken): Promise<number> {
  const session =
    expiresWithSession && sessionUid !== undefined ? await provider.Session.findByUid(sessionUid) : undefined;
  const end = Math.min(exp ?? 0, session?.exp ?? Number.POSITIVE_INFINITY);
  return end - Math.floor(Date.now() / 1000);
}

/** Says `unauthorized_client` (RFC 6749 5.2) where the provider says `invalid_request`. */
export const nameUnauthorizedExchanges: Middleware = async (ctx, next) => {
  await next();
  const { client, params, route } = ctx.oidc ?? {};
  if (route !== 'token' || params?.grant_type !== tokenExchange || errorOf(ctx.body) !== 'invalid_request') return;
  if (client && !client.grantTypeAllowed(tokenExchange))
    ctx.body = { error: 'unauthorized_client', error_description: 'the client is not registered for token exchange' };
};
