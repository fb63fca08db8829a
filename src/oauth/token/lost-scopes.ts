import type { KoaContextWithOIDC } from 'oidc-provider';
import { allowedScopes } from '../client/metadata.js';
import type { ClientRegistry } from '../client/registry.js';
import type { Middleware } from '../middleware.js';
import { registrationGrant } from './registration-tokens.js';

/**
 * Has the provider say of tokens what they still open: a scope that their client may not ask for any more is gone from what is
 * introspected (RFC 7662), and without `openid` nothing is told at the userinfo endpoint. What goes with a registration is no
 * choice of the client, so that nothing is taken from it.
 */
export function leaveOutLostScopes(clients: Pick<ClientRegistry, 'find'>): Middleware {
  return async (ctx, next) => {
    await next();
    const route = ctx.oidc?.route;
    if (ctx.status !== 200 || (route !== 'introspection' && route !== 'userinfo')) return;
    const kept = await keptScopes(ctx, clients);
    if (!kept) return;
    if (route === 'introspection') ctx.body = withScopes(ctx.body, kept);
    else if (!kept.has('openid')) refuse(ctx);
  };
}

/** @returns nothing where there is no token, or nothing can be lost of it */
async function keptScopes(
  { oidc }: KoaContextWithOIDC,
  clients: Pick<ClientRegistry, 'find'>,
): Promise<ReadonlySet<string> | undefined> {
  const { AccessToken, ClientCredentials, RefreshToken } = oidc.entities;
  const token = AccessToken ?? ClientCredentials ?? RefreshToken;
  if (!token?.clientId || AccessToken?.gty === registrationGrant) return undefined;
  const client = await clients.find(token.clientId);
  return client && new Set(allowedScopes(client));
}

function withScopes(body: unknown, kept: ReadonlySet<string>): unknown {
  if (!(body instanceof Object) || !('scope' in body) || typeof body.scope !== 'string') return body;
  const { scope, ...others } = body;
  const left = scope.split(' ').filter((name) => kept.has(name));
  return left.length > 0 ? { ...others, scope: left.join(' ') } : others;
}

function refuse(ctx: KoaContextWithOIDC): void {
  const error = 'insufficient_scope';
  const description = 'the client may not ask for openid any more';
  ctx.status = 403;
  ctx.set('www-authenticate', `Bearer error="${error}", error_description="${description}", scope="openid"`);
  ctx.body = { error, error_description: description };
}
