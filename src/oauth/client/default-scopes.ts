import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { scopeDescriptions } from '../../access/scopes.js';

/** Never given unasked: it outlives the sign-in. */
const onlyWhenAsked = new Set(['offline_access']);

/**
 * Settles the scope of a request before anything is granted: a client that asks for nothing gets what it is registered for, and
 * an unknown scope is refused (RFC 6749 3.3) where the provider would drop it in silence.
 *
 * The provider asks for the default resource at the one moment, in authorization and client credentials alike, when the client
 * is known and the scope is not yet looked at; that is why this hangs on that hook.
 */
export function settleScope(
  ctx: KoaContextWithOIDC,
  client: { readonly scope?: string | undefined },
  oneOf: readonly string[] | undefined,
): string | string[] | undefined {
  if (oneOf) return [...oneOf];
  const { params } = ctx.oidc;
  if (!params) return undefined;
  if (params.scope === undefined || params.scope === '') {
    params.scope = ownScopes(client).join(' ');
    return undefined;
  }
  const unknown = String(params.scope)
    .split(' ')
    .find((scope) => !Object.hasOwn(scopeDescriptions, scope));
  if (unknown !== undefined) throw new errors.InvalidScope('requested scope is unknown', unknown);
  return undefined;
}

/** What a client gets that asks for nothing. */
export function ownScopes(client: { readonly scope?: string | undefined }): string[] {
  return (client.scope ?? '').split(' ').filter((scope) => !onlyWhenAsked.has(scope));
}
