import { type IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { scopeDescriptions } from '../../access/scopes.js';
import type { Clock } from '../../clock.js';
import { randomSecret } from '../../crypto/hash.js';
import { isIndependentOfSession } from '../client/session-binding.js';
import { codeAct } from '../event-listeners.js';
import { lastSeenGrainSeconds } from '../lifetimes.js';
import { isHeadless } from '../session/headless.js';
import { addressOf, isNotedVisitor, visitorOf } from '../session/visitor.js';
import type { FoundSession, SessionStore } from '../storage/session-store.js';
import type { AnswerGetDirectly } from './direct-answers.js';
import { type Form, hasOnly, toForm } from './form.js';
import { grantedBy } from './granted.js';
import { isUnusual } from './known-client.js';
import { nowSeconds, type PlainTokenDependencies, takesPlainTokens } from './plain-token.js';

const parameters = new Set([
  ...['client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'nonce'],
  ...['code_challenge', 'code_challenge_method'],
]);

const mostCharacters = 4096;

export interface AuthorizeDependencies extends PlainTokenDependencies {
  currentProvider: () => Provider;
  sessions: Pick<SessionStore, 'findWhole'>;
  clock: Clock;
}

/**
 * Sends a person back to a client with a code (RFC 6749 4.1.2), when there is nothing to ask and nothing to change: a living
 * session in which this client was given all that it wants before. Session, person and grant are read by one statement; another
 * stores the code, with the record of it. The session's cookie stays as it is.
 *
 * @returns where to send the person
 */
export function authorizeAgain(dependencies: AuthorizeDependencies): AnswerGetDirectly {
  const { currentProvider, sessions, clients, artifacts, audit, events, lifetimes, clock } = dependencies;
  return async (req) => {
    const form = requestIn(req);
    const client = form && (await currentProvider().Client.find(form.client_id ?? ''));
    if (!client || !mayAsk(client, form) || !(await takesPlainTokens(req, client, clients))) return undefined;
    const { clientId } = client;
    const sessionId = sessionIn(req, currentProvider());
    const session = sessionId === undefined ? undefined : await sessions.findWhole(sessionId, clientId);
    if (!session || !isSettled(session, clientId, req, clock())) return undefined;
    const { payload: login, account } = session;
    // As if the session were a token for what is asked, under the grant.
    const exp = login.exp ?? 0;
    const asked = { clientId, accountId: login.accountId ?? '', exp, scope: form.scope ?? '' };
    const granted = grantedBy({ payload: asked, consumed: null, grant: session.grant, account }, client);
    if (!granted) return undefined;
    const scope = granted.scopes.join(' ');
    const accountId = granted.account.id;
    const code = randomSecret();
    const now = nowSeconds();
    const expiresInSeconds = lifetimes.authorizationCode;
    const payload = {
      ...{ iat: now, exp: now + expiresInSeconds, jti: code, kind: 'AuthorizationCode' },
      ...{ accountId, clientId, grantId: granted.grantId, scope, sessionUid: session.uid },
      ...{ acr: login.acr, amr: login.amr, authTime: login.loginTs, nonce: form.nonce },
      ...{ redirectUri: form.redirect_uri },
      ...{ codeChallenge: form.code_challenge, codeChallengeMethod: form.code_challenge_method },
    };
    const actor = { accountId, clientId, address: addressOf(req) };
    await artifacts.issue(
      [{ model: 'AuthorizationCode', id: code, payload, expiresInSeconds }],
      [audit.draft({ ...codeAct({ accountId, scope }), actor })],
    );
    audit.noteStored();
    events.tokensIssued({ kind: 'code', clientId, accountId });
    const url = new URL(form.redirect_uri ?? '');
    url.searchParams.set('code', code);
    if (form.state !== undefined) url.searchParams.set('state', form.state);
    url.searchParams.set('iss', currentProvider().issuer);
    return url.href;
  };
}

function requestIn(req: IncomingMessage): Form | undefined {
  const [, query = ''] = req.url?.split('?', 2) ?? [];
  if (isUnusual(req) || req.headers.authorization !== undefined || query.length > mostCharacters) return undefined;
  const form = toForm(query);
  return form && hasOnly(form, parameters) ? form : undefined;
}

/** Whether a client may ask so, with nothing about it that calls for more than a look at the grant. */
function mayAsk(client: Client, form: Form): boolean {
  const { redirect_uri: redirectUri, code_challenge: challenge, code_challenge_method: method } = form;
  const scopes = form.scope?.split(' ') ?? [];
  const registered = client.scope?.split(' ') ?? [];
  const isPlainClient =
    client.applicationType === 'web' &&
    isIndependentOfSession(client, new Set()) &&
    client.responseTypeAllowed('code') &&
    client.grantTypeAllowed('authorization_code') &&
    !client.includeSid() &&
    !client.fapi_profile &&
    !client.requirePushedAuthorizationRequests &&
    !(client.defaultMaxAge ?? client.defaultAcrValues ?? (client.requireAuthTime || undefined));
  return (
    isPlainClient &&
    form.response_type === 'code' &&
    redirectUri !== undefined &&
    client.redirectUriAllowed(redirectUri) &&
    scopes.length > 0 &&
    scopes.every((scope) => registered.includes(scope) && Object.hasOwn(scopeDescriptions, scope)) &&
    !scopes.includes('offline_access') &&
    (form.nonce === undefined || scopes.includes('openid')) &&
    (challenge === undefined
      ? client.require_pkce !== true && method === undefined
      : method === 'S256' && /^[\w.~-]{43}$/.test(challenge))
  );
}

function sessionIn(req: IncomingMessage, provider: Provider): string | undefined {
  const name = provider.cookieName('session');
  if (!req.headers.cookie?.includes(name)) return undefined;
  return provider.createContext(req, new ServerResponse(req)).cookies.get(name, { signed: true });
}

/** Whether a session would be saved as it is: this client was in it before, and it was used from here a moment ago. */
function isSettled(session: FoundSession, clientId: string, req: IncomingMessage, now: Date): boolean {
  const { payload, lastSeenAt } = session;
  const known = payload.authorizations?.[clientId];
  return (
    payload.loginTs !== undefined &&
    !payload.transient &&
    !isHeadless(payload) &&
    known?.sid !== undefined &&
    known.persistsLogout === true &&
    now.getTime() / 1000 - lastSeenAt < lastSeenGrainSeconds &&
    isNotedVisitor(session, visitorOf(req))
  );
}
