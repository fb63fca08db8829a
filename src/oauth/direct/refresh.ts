import type { AnswerDirectly } from './direct-answers.js';
import { hasOnly } from './form.js';
import { grantedBy } from './granted.js';
import { issueIdToken } from './id-token.js';
import { clientParameters } from './known-client.js';
import { makeAccessToken, type PersonTokenDependencies, tokenAnswer } from './person-tokens.js';
import { plainTokenAct, takesPlainTokens } from './plain-token.js';

const grantType = 'refresh_token';
const parameters = new Set(['grant_type', 'refresh_token', 'scope', ...clientParameters]);

/**
 * Gives a client with a secret a fresh access token for its refresh token (RFC 6749 6), which stays. The account is read with
 * the token, by one statement; another stores what is given, with the record of it.
 */
export function refreshTokens(dependencies: PersonTokenDependencies): AnswerDirectly {
  const { currentProvider, clients, artifacts, audit, events, lifetimes } = dependencies;
  return async (req, form, authenticate) => {
    if (!form.refresh_token || !hasOnly(form, parameters)) return undefined;
    const client = await authenticate();
    if (!client?.grantTypeAllowed(grantType) || !(await takesPlainTokens(req, client, clients))) return undefined;
    const granted = grantedBy(await artifacts.findWhole('RefreshToken', form.refresh_token), client);
    const scopes = granted && narrow(granted.scopes, form.scope);
    if (!scopes) return undefined;
    const scope = scopes.join(' ');
    const { clientId } = client;
    const accountId = granted.account.id;
    const gty = withRefresh(String(granted.payload.gty));
    const accessToken = makeAccessToken(granted, { clientId, gty, scope, lifeSeconds: lifetimes.accessToken });
    const act = audit.draft(plainTokenAct(req, client, { grantType, scope, accountId }));
    const [idToken] = await Promise.all([
      scopes.includes('openid') ? issueIdToken(currentProvider(), client, granted) : undefined,
      artifacts.issue([accessToken.artifact], [act]),
    ]);
    audit.noteStored();
    events.tokensIssued({ kind: grantType, clientId, accountId });
    return tokenAnswer({ accessToken, idToken, refreshToken: form.refresh_token, scope });
  };
}

/** @returns what is asked for of what was given; `undefined` when more is asked */
function narrow(given: readonly string[], asked: string | undefined): readonly string[] | undefined {
  if (asked === undefined) return given;
  const wanted = new Set(asked.split(' '));
  const scopes = given.filter((scope) => wanted.has(scope));
  return scopes.length === wanted.size ? scopes : undefined;
}

function withRefresh(gty: string): string {
  return gty.endsWith(grantType) ? gty : `${gty} ${grantType}`;
}
