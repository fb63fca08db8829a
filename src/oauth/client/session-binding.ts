import type { Client } from 'oidc-provider';

/**
 * Tokens of our own applications' servers, the LMS among them, and of clients that may work while the person is away do not
 * hang on the session; looking one up is then one query less.
 */
export function isIndependentOfSession(client: Client | undefined, scopes: ReadonlySet<string>): boolean {
  return scopes.has('offline_access') || (client?.first_party === true && client.clientAuthMethod !== 'none');
}
