import type { Client } from 'oidc-provider';
import type { OAuthAccount } from '../account-source.js';
import type { FoundArtifact } from '../storage/artifact-reads.js';
import type { Payload } from '../storage/payload.js';
import { nowSeconds } from './plain-token.js';

/** A code or token that stands, with whom it is about and what they allowed. */
export interface Granted {
  payload: Payload;
  grantId: string;
  account: OAuthAccount;
  /** What it is for, in the order in which it was allowed. */
  scopes: readonly string[];
}

/** What makes a code or token, or what was allowed by it, more than a plain one. */
const unusual = [
  ...['claims', 'resource', 'aud', 'rar', 'extra', 'jkt', 'x5t#S256', 'dpopJkt', 'attestationJkt'],
  ...['expiresWithSession', 'resources', 'rejected'],
] as const;

/**
 * @param found - read together just now
 * @returns `undefined` for whatever is used, expired, another client's, not plain, not allowed any more or about somebody who may use nothing
 */
export function grantedBy(found: FoundArtifact | undefined, client: Client): Granted | undefined {
  const { payload, consumed, grant, account } = found ?? {};
  if (!payload || !grant || consumed !== null || account?.status !== 'ACTIVE') return undefined;
  for (const { clientId, accountId, exp } of [payload, grant.payload])
    if (clientId !== client.clientId || accountId !== account.id || !((exp ?? 0) > nowSeconds())) return undefined;
  if (unusual.some((name) => payload[name] || grant.payload[name])) return undefined;
  const allowed: { scope?: unknown; claims?: unknown } = grant.payload.openid ?? {};
  if (typeof payload.scope !== 'string' || typeof allowed.scope !== 'string' || allowed.claims) return undefined;
  const wanted = new Set(payload.scope.split(' '));
  const scopes = allowed.scope.split(' ').filter((scope) => wanted.has(scope));
  if (scopes.length !== wanted.size) return undefined;
  return { payload, grantId: grant.id, account, scopes };
}
