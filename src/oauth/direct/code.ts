import { sha256 } from '../../crypto/hash.js';
import type { Payload } from '../storage/payload.js';
import type { AnswerDirectly } from './direct-answers.js';
import { type Form, hasOnly } from './form.js';
import { grantedBy } from './granted.js';
import { issueIdToken } from './id-token.js';
import { clientParameters } from './known-client.js';
import { makeAccessToken, makeRefreshToken, type PersonTokenDependencies, tokenAnswer } from './person-tokens.js';
import { plainTokenAct, takesPlainTokens } from './plain-token.js';

const grantType = 'authorization_code';
const parameters = new Set(['grant_type', 'code', 'redirect_uri', 'code_verifier', ...clientParameters]);

/**
 * Gives a client with a secret the tokens for its code (RFC 6749 4.1.3). The account is read with the code, by one statement;
 * another uses the code up and stores what is given for it, with the record of it.
 */
export function exchangeCode(dependencies: PersonTokenDependencies): AnswerDirectly {
  const { currentProvider, clients, artifacts, audit, events, lifetimes } = dependencies;
  return async (req, form, authenticate) => {
    const { code, redirect_uri: redirectUri } = form;
    if (!code || !redirectUri || !hasOnly(form, parameters)) return undefined;
    const client = await authenticate();
    if (!client?.grantTypeAllowed(grantType) || !(await takesPlainTokens(req, client, clients))) return undefined;
    const granted = grantedBy(await artifacts.findWhole('AuthorizationCode', code), client);
    if (granted?.payload.redirectUri !== redirectUri || !isVerified(form, granted.payload)) return undefined;
    const { clientId } = client;
    const accountId = granted.account.id;
    const scope = granted.scopes.join(' ');
    const as = { clientId, gty: grantType };
    const accessToken = makeAccessToken(granted, { ...as, scope, lifeSeconds: lifetimes.accessToken });
    const refreshToken = client.grantTypeAllowed('refresh_token')
      ? makeRefreshToken(granted, { ...as, lifeSeconds: lifetimes.refreshToken })
      : undefined;
    const act = audit.draft(plainTokenAct(req, client, { grantType, scope, accountId }));
    const issued = [accessToken.artifact, ...(refreshToken ? [refreshToken.artifact] : [])];
    const [idToken] = await Promise.all([
      granted.scopes.includes('openid') ? issueIdToken(currentProvider(), client, granted) : undefined,
      artifacts.exchange({ model: 'AuthorizationCode', id: code }, issued, [act]),
    ]);
    audit.noteStored();
    events.tokensIssued({ kind: grantType, clientId, accountId });
    return tokenAnswer({ accessToken, idToken, refreshToken: refreshToken?.value, scope });
  };
}

/** Whether the code comes from who asked for it (RFC 7636 4.6); where nothing was said of it, nothing may be shown. */
function isVerified({ code_verifier: verifier }: Form, { codeChallenge, codeChallengeMethod }: Payload): boolean {
  if (verifier === undefined) return codeChallenge === undefined;
  if (codeChallengeMethod !== 'S256' || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  return sha256(verifier) === codeChallenge;
}
