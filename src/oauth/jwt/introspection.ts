import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Events } from '../../events.js';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import { allowedScopes } from '../client/metadata.js';
import type { ClientRegistry } from '../client/registry.js';
import { actorOf } from '../exchange/actor.js';
import { errorOf, type Middleware } from '../middleware.js';
import { clientIdOf, noteAct } from '../request-audit.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { isResourceServerFor } from '../token/access-policies.js';
import { type FindJwtToken, isJwt, type JwtToken } from './tokens.js';

/**
 * Introspects and revokes access tokens in JWT form (RFC 7662, RFC 7009). The provider authenticates the client and then says
 * that it does not do this for JWTs; here they get the answer that their stored tokens would get. Any other JWT is an unknown
 * token like all others.
 */
export function answerForJwts({
  findJwtToken,
  accounts,
  clients,
  artifacts,
  events,
}: {
  findJwtToken: FindJwtToken;
  accounts: AccountSource;
  clients: ClientRegistry;
  artifacts: ArtifactStore;
  events: Events;
}): Middleware {
  const introspect = async (ctx: KoaContextWithOIDC, token: JwtToken | undefined): Promise<object> => {
    const { client } = ctx.oidc;
    if (!client || !token) return { active: false };
    const { claims, stored, scopes } = token;
    if (stored.clientId !== client.clientId && !isResourceServerFor(client, claims.aud)) return { active: false };
    const accountId = stored.kind === 'AccessToken' ? stored.accountId : await clients.ownerOf(stored.clientId ?? '');
    const account = accountId === undefined ? undefined : await findActiveAccount(accounts, accountId);
    if (accountId !== undefined && !account) return { active: false };
    const holder = await clients.find(stored.clientId ?? '');
    const kept = new Set(holder && allowedScopes(holder));
    const left = scopes.filter((scope) => kept.has(scope));
    const { iss, aud, sub, iat, exp } = claims;
    return {
      active: true,
      ...{ iss, aud, sub, iat, exp },
      client_id: stored.clientId,
      ...(left.length > 0 && { scope: left.join(' ') }),
      ...(account && { username: account.username }),
      ...(actorOf(stored) && { act: actorOf(stored) }),
      token_type: 'JWT',
    };
  };

  const revoke = async (ctx: KoaContextWithOIDC, token: JwtToken | undefined): Promise<void> => {
    const stored = token?.stored;
    if (!stored || stored.clientId !== ctx.oidc.client?.clientId) return;
    await stored.destroy();
    if (stored.kind === 'AccessToken') await artifacts.revokeTokensOfGrant(stored.grantId);
    const subjectId = stored.kind === 'AccessToken' ? stored.accountId : null;
    events.tokenRevoked({ clientId: clientIdOf(ctx) ?? '' });
    noteAct(ctx, { action: 'token.revoked', outcome: 'success', subjectId });
  };

  return async (ctx, next) => {
    await next();
    if (errorOf(ctx.body) !== 'unsupported_token_type') return;
    const value = String(ctx.oidc.params?.token);
    const token = isJwt(value) ? await findJwtToken(value) : undefined;
    ctx.status = 200;
    if (ctx.oidc.route === 'introspection') {
      ctx.body = await introspect(ctx, token);
      return;
    }
    await revoke(ctx, token);
    ctx.body = '';
  };
}
