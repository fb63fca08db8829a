import type { Client } from 'oidc-provider';
import { scopeDescriptions } from '../../access/scopes.js';
import { randomSecret } from '../../crypto/hash.js';
import { ownScopes } from '../client/default-scopes.js';
import type { AnswerDirectly } from './direct-answers.js';
import { hasOnly } from './form.js';
import { clientParameters } from './known-client.js';
import { nowSeconds, type PlainTokenDependencies, plainTokenAct, takesPlainTokens } from './plain-token.js';

const grantType = 'client_credentials';
const parameters = new Set(['grant_type', 'scope', ...clientParameters]);

/** Gives a client a token of its own (RFC 6749 4.4), stored with the record of it in one statement. */
export function giveClientCredentials(dependencies: PlainTokenDependencies): AnswerDirectly {
  const { clients, artifacts, audit, events, lifetimes } = dependencies;
  return async (req, form, authenticate) => {
    if (!hasOnly(form, parameters)) return undefined;
    const client = await authenticate();
    if (!client?.grantTypeAllowed(grantType) || !(await takesPlainTokens(req, client, clients))) return undefined;
    const scope = scopeOf(form.scope, client);
    if (!scope) return undefined;
    const { clientId } = client;
    const now = nowSeconds();
    const jti = randomSecret();
    const expiresInSeconds = lifetimes.clientCredentials;
    const payload = { iat: now, exp: now + expiresInSeconds, jti, kind: 'ClientCredentials', clientId, scope };
    await artifacts.issue(
      [{ model: 'ClientCredentials', id: jti, payload, expiresInSeconds }],
      [audit.draft(plainTokenAct(req, client, { grantType, scope }))],
    );
    audit.noteStored();
    events.tokensIssued({ kind: grantType, clientId });
    return JSON.stringify({ access_token: jti, expires_in: expiresInSeconds, scope, token_type: 'Bearer' });
  };
}

/** @returns what is given of what is asked, or all that a client may have; `undefined` when there is anything to be refused */
function scopeOf(asked: string | undefined, client: Client): string | undefined {
  const allowed = (client.scope ?? '').split(' ');
  const wanted = [...new Set(asked === undefined ? ownScopes(client) : asked.split(' '))];
  const isGiven = wanted.every((scope) => allowed.includes(scope) && Object.hasOwn(scopeDescriptions, scope));
  return isGiven ? wanted.join(' ') : undefined;
}
