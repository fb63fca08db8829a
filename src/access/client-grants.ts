import type { Revoker } from './sign-in.js';

/** A client that a person let in, as they see it on their account page. */
export interface ClientGrantSummary {
  clientId: string;
  clientName: string;
  scopes: string[];
  grantedAt: Date;
}

/** What a person allowed to clients. Implemented by the OAuth provider; pages know it by this shape only. */
export interface ClientGrants {
  list(accountId: string): Promise<ClientGrantSummary[]>;
  /** Adds to what the person allows a client, as if they had been asked. */
  allow(accountId: string, clientId: string, scopes: readonly string[], by: Revoker): Promise<void>;
  /**
   * Takes everything back from one client: consent, codes and tokens.
   *
   * @param by - the owner when left out
   * @returns whether there was anything
   */
  revoke(accountId: string, clientId: string, by?: Revoker): Promise<boolean>;
}
