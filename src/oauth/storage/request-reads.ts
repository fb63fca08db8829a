import { AsyncLocalStorage } from 'node:async_hooks';
import Provider from 'oidc-provider';
import type { OwnerRows } from '../../services/account/owner-rows.js';
import type { AccountSource, OAuthAccount } from '../account-source.js';
import type { FoundArtifact } from './artifact-reads.js';
import type { Payload } from './payload.js';

/** What came with the artifacts that were read for a request, until the provider asks for it: a moment later. */
export interface RequestReads {
  /**
   * Does something for which a token is read as for a request to the provider, outside of one.
   *
   * @param onOwner - to be told of the rows about whom the token is about: only then they are read
   */
  within<T>(work: () => Promise<T>, onOwner?: (owner: OwnerRows) => void): Promise<T>;
  /** Whether somebody wants them. */
  areOwnersWanted(): boolean;
  keep(found: Pick<FoundArtifact, 'grant' | 'account' | 'owner'>): void;
  /** Once for each time that it came. */
  takeGrant(id: string): Payload | undefined;
  /** To be called when grants are written. */
  forgetGrants(): void;
  accountOf(id: string): OAuthAccount | undefined;
}

interface Kept {
  grants: Map<string, Payload>;
  accounts: Map<string, OAuthAccount>;
  onOwner?: ((owner: OwnerRows) => void) | undefined;
}

/** Outside of both nothing is kept. */
export function createRequestReads(): RequestReads {
  const byRequest = new WeakMap<object, Kept>();
  const scopes = new AsyncLocalStorage<Kept>();
  const newKept = (): Kept => ({ grants: new Map(), accounts: new Map() });
  const ofRequest = (): Kept | undefined => {
    const { ctx } = Provider;
    if (!ctx) return scopes.getStore();
    const kept = byRequest.get(ctx) ?? newKept();
    byRequest.set(ctx, kept);
    return kept;
  };
  return {
    within: (work, onOwner) => scopes.run({ ...newKept(), onOwner }, work),
    areOwnersWanted: () => scopes.getStore()?.onOwner !== undefined,
    keep({ grant, account, owner }) {
      const kept = ofRequest();
      if (owner) kept?.onOwner?.(owner);
      if (grant) kept?.grants.set(grant.id, grant.payload);
      if (account) kept?.accounts.set(account.id, account);
    },
    takeGrant(id) {
      const grants = ofRequest()?.grants;
      const payload = grants?.get(id);
      grants?.delete(id);
      return payload;
    },
    forgetGrants: () => ofRequest()?.grants.clear(),
    accountOf: (id) => ofRequest()?.accounts.get(id),
  };
}

/** Accounts as a request needs them: as they were when its token was read, which was for this request. */
export function createRequestAccounts(accounts: AccountSource, reads: RequestReads): AccountSource {
  return { findById: async (id) => reads.accountOf(id) ?? accounts.findById(id) };
}
