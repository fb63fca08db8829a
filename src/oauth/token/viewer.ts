import type Provider from 'oidc-provider';
import type { AccessToken, ClientCredentials } from 'oidc-provider';
import { expandRoles, type TokenRestriction, type Viewer } from '../../access/viewer.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { createFreshCache, type Fact, type Fresh } from '../../changes/fresh-cache.js';
import type { Clock } from '../../clock.js';
import { sha256 } from '../../crypto/hash.js';
import type { OwnerRows } from '../../services/account/owner-rows.js';
import { type AccountSource, findActiveAccount, type OAuthAccount } from '../account-source.js';
import { allowedScopes } from '../client/metadata.js';
import type { ClientRegistry } from '../client/registry.js';
import { parseFilters } from '../jwt/restricted-tokens.js';
import { type FindJwtToken, isJwt } from '../jwt/tokens.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { RequestReads } from '../storage/request-reads.js';
import type { IsProven, PresentedProof } from './dpop-proof.js';
import { isGranted } from './grant.js';
import { registrationGrant } from './registration-tokens.js';

/** Scheme words that a token may come with: RFC 6750's, RFC 9449's, and the one of Open edX's services. */
export type TokenScheme = 'bearer' | 'dpop' | 'jwt';

/**
 * Tells who stands behind an access token.
 *
 * @param proof - that the caller holds the key a token is bound to; needed with the scheme `dpop`, and by no other
 * @param onOwner - told of the rows of its account where these were read for this very request: not of a token that was seen a
 * moment ago, a JWT, or one that is not a person's; what it is told is worth nothing unless the token is good
 * @returns `undefined` for a token that is unknown, expired or revoked, comes without the proof that it needs, or whose account
 * may no longer use anything
 */
export type AuthenticateToken = (
  token: string,
  scheme: TokenScheme,
  proof?: PresentedProof,
  onOwner?: (owner: OwnerRows) => void,
) => Promise<Viewer | undefined>;

/** How long a token that was found good is taken for good; less when a change says otherwise, or the token ends. */
export const knownTokenMs = 5_000;
export const mostKnownTokens = 20_000;

/** A token that is good now, and what the caller must show beside it. */
interface KnownToken {
  viewer: Viewer;
  isBound: boolean;
  /** Of the key that it is bound to. */
  thumbprint: string | undefined;
}

export function createAuthenticateToken({
  currentProvider,
  accounts,
  clients,
  artifacts,
  reads,
  findJwtToken,
  isProven,
  changes,
  clock,
}: {
  currentProvider: () => Provider;
  accounts: AccountSource;
  clients: ClientRegistry;
  artifacts: Pick<ArtifactStore, 'storedIdOf'>;
  reads: Pick<RequestReads, 'within'>;
  findJwtToken: FindJwtToken;
  isProven: IsProven;
  changes: ChangeFeed;
  clock: Clock;
}): AuthenticateToken {
  const cache = createFreshCache<KnownToken>({ changes, clock, ttlMs: knownTokenMs, max: mostKnownTokens });

  const findToken = async (value: string): Promise<PresentedToken | undefined> => {
    if (isJwt(value)) return toPresented(await findJwtToken(value));
    const provider = currentProvider();
    const [personal, own] = await Promise.all([
      provider.AccessToken.find(value),
      provider.ClientCredentials.find(value),
    ]);
    const stored = personal ?? own;
    if (!stored?.isValid || (personal && !(await isGranted(provider, personal)))) return undefined;
    const scopes = (stored.scope ?? '').split(' ').filter(Boolean);
    return { stored, storedId: artifacts.storedIdOf(value), scopes, expiresAt: stored.exp ?? 0 };
  };

  const read = async (value: string): Promise<Fresh<KnownToken> | undefined> => {
    const token = await findToken(value);
    if (!token) return undefined;
    const { stored, restriction } = token;
    // A token for another audience opens nothing here.
    if (stored.aud !== undefined) return undefined;
    const clientId = stored.clientId ?? '';
    const client = await clients.find(clientId);
    // What a restricted client holds beside its restricted tokens opens nothing.
    if (!client || (client.restriction && !restriction)) return undefined;
    const personal = stored.kind === 'AccessToken' ? stored : undefined;
    const accountId = personal ? personal.accountId : (client.ownerId ?? undefined);
    const account = accountId === undefined ? undefined : await findActiveAccount(accounts, accountId);
    if (accountId !== undefined && !account) return undefined;
    // A scope that its client lost opens nothing; what goes with a registration is no choice of the client.
    const allowed = new Set(personal?.gty === registrationGrant ? token.scopes : allowedScopes(client));
    const endsAt = new Date(token.expiresAt * 1000);
    const facts: Fact[] = [`token:${token.storedId}`, `client:${clientId}`];
    if (accountId !== undefined) facts.push(`account:${accountId}`);
    if (personal) facts.push(`grant:${personal.grantId}`);
    if (personal?.sessionUid) facts.push(`session:${personal.sessionUid}`);
    const isToldOf = !personal || isStoredGrant(personal.grantId);
    const viewer: Viewer = {
      via: 'token',
      account: account && toViewerAccount(account),
      clientId,
      scopes: new Set(token.scopes.filter((scope) => allowed.has(scope))),
      restriction,
      isClientItself: !personal,
      roles: account ? expandRoles(account.roles) : new Set(),
      expiresAt: endsAt,
      sessionUid: undefined,
      restsOn: isToldOf ? facts : undefined,
    };
    const known = { viewer, isBound: stored.isSenderConstrained(), thumbprint: stored.jkt };
    return { value: known, facts: isToldOf ? facts : 'unknown', endsAt };
  };

  return async (value, scheme, proof, onOwner) => {
    // By its hash, so that no token stays in memory.
    const token = await cache.get(sha256(value), () => reads.within(() => read(value), onOwner));
    if (!token || token.isBound !== (scheme === 'dpop')) return undefined;
    const { viewer, thumbprint } = token;
    if (scheme !== 'dpop') return viewer;
    // A proof is good for one request, however often the token was seen.
    const clientId = viewer.clientId ?? '';
    return thumbprint && proof && (await isProven(proof, { value, thumbprint, clientId })) ? viewer : undefined;
  };
}

/** Whether a grant is one of those that are stored. Of what other things a token may hang on, no change tells. */
export function isStoredGrant(grantId: string): boolean {
  return /^[\w-]+$/.test(grantId);
}

/** An access token as it was presented, in whichever form. */
interface PresentedToken {
  stored: AccessToken | ClientCredentials;
  /** What it is stored under. */
  storedId: string;
  scopes: readonly string[];
  /** Seconds since the epoch. */
  expiresAt: number;
  restriction?: TokenRestriction | undefined;
}

function toPresented(token: Awaited<ReturnType<FindJwtToken>>): PresentedToken | undefined {
  if (!token) return undefined;
  const { stored, scopes, claims, isRestricted, filters } = token;
  const restriction = isRestricted ? parseFilters(filters) : undefined;
  return { stored, storedId: claims.jti ?? '', scopes, expiresAt: claims.exp ?? 0, restriction };
}

/** What the rest of Portico knows of an account that asks by token. */
export function toViewerAccount({ id, username, email, name }: OAuthAccount): NonNullable<Viewer['account']> {
  return { id, username, email, name };
}
