import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { Granted } from './granted.js';

/** The ID token that goes with an access token; made by the provider, of what it would make it of. */
export async function issueIdToken(provider: Provider, client: Client, granted: Granted): Promise<string> {
  const { acr, amr, authTime, nonce, sid } = granted.payload;
  const claims = { sub: granted.account.id, acr, amr, auth_time: authTime };
  const token = new provider.IdToken(claims, { client });
  // The rest of what is known of a person is told at the userinfo endpoint.
  Object.assign(token, { scope: 'openid' });
  token.set('nonce', nonce);
  token.set('sid', sid);
  return token.issue({ use: 'idtoken' });
}
