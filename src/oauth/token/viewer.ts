import type Provider from 'oidc-provider';
import type { AccessToken, ClientCredentials } from 'oidc-provider';
import { expandRoles, type TokenRestriction, type Viewer } from '../../access/viewer.js';
import { type AccountSource, findActiveAccount, type OAuthAccount } from '../account-source.js';
import type { ClientRegistry } from '../client/registry.js';
import { parseFilters } from '../jwt/restricted-tokens.js';
import { type FindJwtToken, isJwt } from '../jwt/tokens.js';
import type { IsProven, PresentedProof } from './dpop-proof.js';
import { isGranted } from './grant.js';

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
  findJwtToken,
  isProven,
}: {
  currentProvider: () => Provider;
  accounts: AccountSource;
  clients: ClientRegistry;
  findJwtToken: FindJwtToken;
  isProven: IsProven;
}): AuthenticateToken {
  const findToken = async (value: string): Promise<PresentedToken | undefined> => {
    if (isJwt(value)) return toPresented(await findJwtToken(value));
    const provider = currentProvider();
    const [personal, own] = await Promise.all([
      provider.AccessToken.find(value),
      provider.ClientCredentials.find(value),
    ]);
    const stored = personal ?? own;
    if (!stored?.isValid || (personal && !(await isGranted(provider, personal)))) return undefined;
    return { stored, scopes: (stored.scope ?? '').split(' ').filter(Boolean), expiresAt: stored.exp ?? 0 };
  };

  return async (value, scheme, proof) => {
    const token = await findToken(value);
    if (!token) return undefined;
    const { stored, restriction } = token;
    // A token for another audience opens nothing here.
    if (stored.aud !== undefined) return undefined;
    const clientId = stored.clientId ?? '';
    const thumbprint = stored.jkt;
    if (stored.isSenderConstrained() !== (scheme === 'dpop')) return undefined;
    if (scheme === 'dpop' && !(thumbprint && proof && (await isProven(proof, { value, thumbprint, clientId }))))
      return undefined;
    const client = await clients.find(clientId);
    // What a restricted client holds beside its restricted tokens opens nothing.
    if (!client || (client.restriction && !restriction)) return undefined;
    const isPersonal = stored.kind === 'AccessToken';
    const accountId = isPersonal ? stored.accountId : (client.ownerId ?? undefined);
    const account = accountId === undefined ? undefined : await findActiveAccount(accounts, accountId);
    if (accountId !== undefined && !account) return undefined;
    return {
      via: 'token',
      account: account && toViewerAccount(account),
      clientId,
      scopes: new Set(token.scopes),
      restriction,
      roles: account ? expandRoles(account.roles) : new Set(),
      expiresAt: new Date(token.expiresAt * 1000),
      sessionUid: undefined,
    };
  };
}

/** An access token as it was presented, in whichever form. */
interface PresentedToken {
  stored: AccessToken | ClientCredentials;
  scopes: readonly string[];
  /** Seconds since the epoch. */
  expiresAt: number;
  restriction?: TokenRestriction | undefined;
}

function toPresented(token: Awaited<ReturnType<FindJwtToken>>): PresentedToken | undefined {
  if (!token) return undefined;
  const { stored, scopes, claims, isRestricted, filters } = token;
  return { stored, scopes, expiresAt: claims.exp ?? 0, restriction: isRestricted ? parseFilters(filters) : undefined };
}

/** What the rest of Portico knows of an account that asks by token. */
export function toViewerAccount({ id, username, email, name }: OAuthAccount): NonNullable<Viewer['account']> {
  return { id, username, email, name };
}
