import Provider from 'oidc-provider';
import type { AccountSource, OAuthAccount } from '../account-source.js';
import type { FoundArtifact } from './artifact-reads.js';
import type { Payload } from './payload.js';

/** What came with the artifacts that were read for a request, until the provider asks for it: a moment later. */
export interface RequestReads {
  keep(found: Pick<FoundArtifact, 'grant' | 'account'>): void;
  /** Once for each time that it came. */
  takeGrant(id: string): Payload | undefined;
  /** To be called when grants are written. */
  forgetGrants(): void;
  accountOf(id: string): OAuthAccount | undefined;
}

interface Kept {
  grants: Map<string, Payload>;
  accounts: Map<string, OAuthAccount>;
}

/** Outside a request to the provider nothing is kept. */
export function createRequestReads(): RequestReads {
  const byRequest = new WeakMap<object, Kept>();
  const ofRequest = () => {
    const { ctx } = Provider;
    return ctx && byRequest.get(ctx);
  };
  return {
    keep({ grant, account }) {
      const { ctx } = Provider;
      if (!ctx || !(grant ?? account)) return;
      const kept = byRequest.get(ctx) ?? { grants: new Map(), accounts: new Map() };
      if (grant) kept.grants.set(grant.id, grant.payload);
      if (account) kept.accounts.set(account.id, account);
      byRequest.set(ctx, kept);
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

/** Accounts as a request needs them: as they were when its token was read, which was in this request. */
export function createRequestAccounts(accounts: AccountSource, reads: RequestReads): AccountSource {
  return { findById: async (id) => reads.accountOf(id) ?? accounts.findById(id) };
}
