import type Provider from 'oidc-provider';
import { expandRoles, type Viewer } from '../access/viewer.js';
import { type AccountSource, findActiveAccount, type OAuthAccount } from './account-source.js';
import type { ClientRegistry } from './client-registry.js';
import type { IsProven, PresentedProof } from './dpop-proof.js';

/** Scheme words that a token may come with: RFC 6750's, RFC 9449's, and the one of Open edX's services. */
export type TokenScheme = 'bearer' | 'dpop' | 'jwt';

/**
 * Tells who stands behind an access token.
 *
 * @param proof - that the caller holds the key a token is bound to; needed with the scheme `dpop`, and by no other
 * @returns `undefined` for a token that is unknown, expired or revoked, comes without the proof that it needs, or whose account
 * may no longer use anything
 */
export type AuthenticateToken = (
  token: string,
  scheme: TokenScheme,
  proof?: PresentedProof,
) => Promise<Viewer | undefined>;

export function createAuthenticateToken({
  currentProvider,
  accounts,
  clients,
  isProven,
}: {
  currentProvider: () => Provider;
  accounts: AccountSource;
  clients: ClientRegistry;
  isProven: IsProven;
}): AuthenticateToken {
  return async (value, scheme, proof) => {
    const provider = currentProvider();
    const [personal, own] = await Promise.all([
      provider.AccessToken.find(value),
      provider.ClientCredentials.find(value),
    ]);
    const token = personal ?? own;
    // A token for another audience opens nothing here.
    if (!token?.isValid || token.aud !== undefined) return undefined;
    const clientId = token.clientId ?? '';
    const thumbprint = token.jkt;
    if (token.isSenderConstrained() !== (scheme === 'dpop')) return undefined;
    if (scheme === 'dpop' && !(thumbprint && proof && (await isProven(proof, { value, thumbprint, clientId }))))
      return undefined;
    if (!(await provider.Client.find(clientId))) return undefined;
    if (personal && !(await isGranted(provider, personal))) return undefined;

    const accountId = personal ? personal.accountId : await clients.ownerOf(clientId);
    const account = accountId === undefined ? undefined : await findActiveAccount(accounts, accountId);
    if (accountId !== undefined && !account) return undefined;
    return {
      via: 'token',
      account: account && toViewerAccount(account),
      clientId,
      scopes: new Set((token.scope ?? '').split(' ').filter(Boolean)),
      roles: account ? expandRoles(account.roles) : new Set(),
      expiresAt: new Date((token.exp ?? 0) * 1000),
      sessionUid: undefined,
    };
  };
}

async function isGranted(
  provider: Provider,
  token: { grantId?: string | undefined; clientId?: string | undefined; accountId?: string | undefined },
): Promise<boolean> {
  const grant = token.grantId ? await provider.Grant.find(token.grantId) : undefined;
  return grant?.clientId === token.clientId && grant?.accountId === token.accountId;
}

export function toViewerAccount({ id, username, email, name }: OAuthAccount): NonNullable<Viewer['account']> {
  return { id, username, email, name };
}
