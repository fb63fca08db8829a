import type { AccessToken, Client, ClientCredentials, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import type { ClientRegistry } from '../client/registry.js';

type Token = AccessToken | ClientCredentials | RefreshToken;

/**
 * Who may introspect what (RFC 7662): a client its own tokens, a resource server those of the audiences it is registered for.
 * A token of a person who may no longer use anything is inactive for all, and so is what a restricted client holds beside its
 * restricted tokens.
 */
export function createIntrospectionPolicy(accounts: AccountSource, clients: ClientRegistry) {
  return async (_ctx: KoaContextWithOIDC, client: Client, token: Token): Promise<boolean> => {
    if (token.clientId !== client.clientId && !isResourceServerFor(client, audienceOf(token))) return false;
    if (token.kind !== 'RefreshToken' && (await clients.find(token.clientId ?? ''))?.restriction) return false;
    const accountId =
      'accountId' in token && token.accountId ? token.accountId : await clients.ownerOf(token.clientId ?? '');
    return accountId === undefined || (await findActiveAccount(accounts, accountId)) !== undefined;
  };
}

/** A client may revoke its own tokens. Another's are left alone in silence, which tells nothing of whether they exist. */
export async function mayRevoke(_ctx: KoaContextWithOIDC, client: Client, token: Token): Promise<boolean> {
  return token.clientId === client.clientId;
}

/** @param audience - the one audience of a token, if it has one */
export function isResourceServerFor(client: Client, audience: unknown): boolean {
  const audiences = client.introspect_audiences;
  return Array.isArray(audiences) && typeof audience === 'string' && audiences.includes(audience);
}

function audienceOf(token: Token): unknown {
  return 'aud' in token ? token.aud : undefined;
}
