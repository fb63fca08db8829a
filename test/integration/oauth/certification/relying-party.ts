import { decodeJwt } from 'jose';
import type { ClientInput } from '../../../../src/services/oauth-client/input.js';
import type { Browser } from '../../../support/browser.js';
import type { ClientCredentials, ProviderSite } from '../../../support/provider-site.js';
import { authorize, authorizePath, exchange } from '../clients.js';

/** Where people come back to after a sign-out; nothing listens there. */
export const goodbyeUrl = 'http://client.localhost:9000/goodbye';

/** A client as the suite registers it: confidential, without PKCE, asking people for consent. */
export function aSuiteClient(site: ProviderSite, input: Partial<ClientInput> = {}): Promise<ClientCredentials> {
  return site.aClient({
    requirePkce: false,
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    postLogoutRedirectUris: [goodbyeUrl],
    ...input,
  });
}

/** What a client has after a person signed in: tokens, and the claims of the ID token. */
export async function signIn(
  site: ProviderSite,
  client: ClientCredentials,
  browser: Browser,
  username: string,
  parameters: Record<string, string | undefined> = {},
) {
  const path = authorizePath(client.clientId, { scope: 'openid', ...parameters });
  const answer = await authorize(browser, path, username);
  const { body } = await exchange(site, client, answer.get('code') ?? '');
  return { tokens: body, idToken: String(body.id_token), claims: decodeJwt(String(body.id_token)) };
}
