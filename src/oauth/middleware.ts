import type Provider from 'oidc-provider';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Events } from '../events.js';
import type { AuditRecord, AuditService } from '../services/audit.js';
import { pageHeaders } from '../web/page-headers.js';
import { type AccountSource, findActiveAccount } from './account-source.js';
import type { ClientRegistry } from './client-registry.js';
import { actorOf, clientIdOf } from './event-listeners.js';
import type { FailureThrottle } from './failure-throttle.js';
import type { SessionEnding } from './session-ending.js';
import { addressOf } from './visitor.js';

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** How long others may keep keys and metadata; a new key is published at least this long before it signs. */
export const publicCacheSeconds = 300;

const noSuchEndpoint = { error: 'invalid_request', error_description: 'there is no such endpoint' };

/**
 * Headers of every answer. The provider's own forms submit themselves by a script whose hash it adds to `script-src`, which
 * must therefore be there.
 */
export function setHeaders(logoUrl: string | undefined, isHttps: boolean): Middleware {
  const { 'content-type': _type, 'cache-control': _cache, ...headers } = pageHeaders(logoUrl);
  const policy = `${headers['content-security-policy']}; script-src 'self'`;
  return async (ctx, next) => {
    ctx.set({ ...headers, 'content-security-policy': policy });
    if (isHttps) ctx.set('strict-transport-security', 'max-age=31536000');
    await next();
    const route = ctx.oidc?.route;
    if (ctx.status === 404 && !route) ctx.body = noSuchEndpoint;
    // Setting a body sets the status too.
    if (ctx.body === noSuchEndpoint) ctx.status = 404;
    if (ctx.status === 200 && (route === 'jwks' || route === 'discovery'))
      ctx.set('cache-control', `public, max-age=${publicCacheSeconds}`);
    else if (!ctx.response.get('cache-control')) ctx.set('cache-control', 'no-store');
  };
}

/** Notes an act of one request, see {@link keepAudit}. */
export type NoteAct = (ctx: KoaContextWithOIDC, record: Omit<AuditRecord, 'actor'>) => void;

/** Where a request keeps its acts. */
const notedActs = 'notedActs';

export const noteAct: NoteAct = (ctx, record) => {
  ctx.state[notedActs] ??= [];
  ctx.state[notedActs].push({ ...record, actor: actorOf(ctx) });
};

/** Answers only when the acts of the request are recorded. What was turned away by a throttle is counted there, not here. */
export function keepAudit(audit: AuditService): Middleware {
  return async (ctx, next) => {
    await next();
    const acts: AuditRecord[] = ctx.status === 429 ? [] : (ctx.state[notedActs] ?? []);
    await Promise.all(acts.map((act) => audit.record(act)));
  };
}

/** Turns failed client authentication into 429 once there was too much of it from one address. */
export function throttleFailures(throttle: FailureThrottle, events: Events): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.status !== 401 || errorOf(ctx.body) !== 'invalid_client') return;
    const clientId = clientIdOf(ctx) ?? basicUsername(ctx.get('authorization'));
    const address = addressOf(ctx.req);
    const waitSeconds = await throttle.countFailure(address ?? 'unknown', clientId);
    if (waitSeconds === undefined) return;
    events.throttled({ what: 'client-authentication', address, clientId });
    ctx.status = 429;
    ctx.set('retry-after', String(waitSeconds));
    ctx.body = { error: 'invalid_client', error_description: 'too many failed attempts, try again later' };
  };
}

/** Names the person in what introspection answers (`username`, RFC 7662 2.2), and tells of revocations. */
export function completeAnswers({
  accounts,
  clients,
  events,
}: {
  accounts: AccountSource;
  clients: ClientRegistry;
  events: Events;
}): Middleware {
  return async (ctx, next) => {
    await next();
    if (errorOf(ctx.body) === 'unsupported_token_type') answerForeignToken(ctx);
    if (ctx.status !== 200) return;
    if (ctx.oidc?.route === 'introspection' && isActive(ctx.body)) {
      const { AccessToken, RefreshToken, ClientCredentials } = ctx.oidc.entities;
      const accountId =
        (AccessToken ?? RefreshToken)?.accountId ?? (await clients.ownerOf(ClientCredentials?.clientId ?? ''));
      const account = accountId ? await findActiveAccount(accounts, accountId) : undefined;
      if (account) ctx.body = { ...ctx.body, username: account.username };
    }
    if (ctx.oidc?.route === 'revocation' && (await hasRevoked(ctx))) {
      const { AccessToken, RefreshToken } = ctx.oidc.entities;
      events.tokenRevoked({ clientId: clientIdOf(ctx) ?? '' });
      noteAct(ctx, {
        action: 'token.revoked',
        outcome: 'success',
        subjectId: (AccessToken ?? RefreshToken)?.accountId ?? null,
      });
    }
  };
}

/** After a sign-out that an application asked for, ends the grants that the provider itself leaves standing. */
export function endGrantsOnSignOut(ending: SessionEnding, events: Events): Middleware {
  return async (ctx, next) => {
    await next();
    const session = ctx.oidc?.route === 'end_session_confirm' ? ctx.oidc.session : undefined;
    if (!session?.accountId || !('destroyed' in session) || session.destroyed !== true) return;
    await ending.endGrants({ payload: { authorizations: session.authorizations } });
    events.signedOut({ accountId: session.accountId });
    noteAct(ctx, { action: 'sign-out', outcome: 'success' });
  };
}

/** Extends the provider's clients by what it leaves to its host. */
export function extendClients(provider: Provider, clients: ClientRegistry): void {
  const { prototype } = provider.Client;
  const isExactly = prototype.redirectUriAllowed;
  prototype.compareClientSecret = function compareClientSecret(this: Client, given: string) {
    return clients.isSecretOf(this.clientId, given);
  };
  // The LMS's client library appends its own state to the redirect URI. That one parameter is admitted for clients that are
  // marked so, and nothing else; the code stays bound to the whole URI.
  prototype.redirectUriAllowed = function redirectUriAllowed(this: Client, uri: string) {
    if (isExactly.call(this, uri)) return true;
    const match = this.allow_redirect_state === true && /^([^?#]+)\?redirect_state=[A-Za-z0-9]{1,64}$/.exec(uri);
    return match ? isExactly.call(this, match[1] ?? '') : false;
  };
}

async function hasRevoked(ctx: KoaContextWithOIDC): Promise<boolean> {
  const { AccessToken, RefreshToken, ClientCredentials } = ctx.oidc.entities;
  const token = AccessToken ?? RefreshToken ?? ClientCredentials;
  return token !== undefined && token.clientId === ctx.oidc.client?.clientId;
}

/**
 * A JWT is no token that was issued here. The provider says that it does not support such tokens; RFC 7662 2.2 and RFC 7009 2.2
 * ask for the answer that any other unknown token gets.
 */
function answerForeignToken(ctx: KoaContextWithOIDC): void {
  ctx.status = 200;
  ctx.body = ctx.oidc.route === 'introspection' ? { active: false } : '';
}

function errorOf(body: unknown): unknown {
  return body instanceof Object && 'error' in body ? body.error : undefined;
}

function isActive(body: unknown): body is { active: true } {
  return body instanceof Object && 'active' in body && body.active === true;
}

function basicUsername(authorization: string): string | undefined {
  const [scheme, credentials = ''] = authorization.split(' ');
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0]?.slice(0, 100);
}
