import type { EventEmitter } from 'node:events';
import type Provider from 'oidc-provider';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Events } from '../events.js';
import type { Logger } from '../logger.js';
import type { AuditRecord } from '../services/audit/audit.service.js';
import { noteOutage } from './answers/outage.js';
import { type Actor, actorOf } from './exchange/actor.js';
import { clientIdOf, type NoteAct } from './request-audit.js';

export interface ListenerDependencies {
  events: Events;
  logger: Logger;
  /** Has one act kept before the request is answered. */
  noteAct: NoteAct;
}

type OAuthError = errors.OIDCProviderError;

/** Whoever integrates a client reads it; descriptions that name parameters are as long as those. */
const longestReason = 200;

/** Errors that are no refusals: what `prompt=none` finds out, and a JWT, which is answered like any unknown token. */
const ordinaryErrors: ReadonlySet<string> = new Set([
  'login_required',
  'consent_required',
  'interaction_required',
  'unsupported_token_type',
]);

/** Errors of endpoints whose refusals nobody needs to be told of. */
const otherErrors = [
  'userinfo.error',
  'jwks.error',
  'discovery.error',
  'end_session.error',
  'end_session_confirm.error',
  'end_session_success.error',
  'device_authorization.error',
  'code_verification.error',
  'device_resume.error',
];

/**
 * Turns what the provider tells of into business events and audit records. Models are never passed on: their `jti` is the token.
 */
export function listenToProvider(provider: Provider, { events, logger, noteAct }: ListenerDependencies): void {
  const refused = (action: AuditRecord['action'], endpoint: string) => (ctx: KoaContextWithOIDC, error: OAuthError) => {
    if (ordinaryErrors.has(error.error) || noteOutage(ctx, error)) return;
    const detail = { endpoint, error: error.error };
    events.oauthRefused({ ...detail, clientId: clientIdOf(ctx) });
    // Whoever makes up clients at the authorization endpoint would otherwise fill the record.
    if (action === 'authorization' && !ctx.oidc.client) return;
    const reason = (error.error_detail ?? error.error_description)?.replace(/\p{Cc}/gu, ' ').slice(0, longestReason);
    noteAct(ctx, { action, outcome: 'refused', detail: { ...detail, ...(reason && { reason }) } });
  };

  provider.on('authorization.success', (ctx) => {
    const { AuthorizationCode, DeviceCode } = ctx.oidc.entities;
    const code = AuthorizationCode ?? DeviceCode;
    if (!code) return;
    const { clientId, accountId, scope } = code;
    events.tokensIssued({ kind: DeviceCode ? 'device' : 'code', clientId: clientId ?? '', accountId });
    noteAct(ctx, codeAct({ accountId, scope, isForDevice: DeviceCode !== undefined }));
  });
  provider.on('authorization.error', refused('authorization', 'authorization'));
  provider.on('grant.error', (ctx, error) => {
    const { RefreshToken: refreshToken } = ctx.oidc.entities;
    if (error.error === 'invalid_grant' && refreshToken?.consumed) {
      events.refreshTokenReused({ clientId: refreshToken.clientId ?? '', accountId: refreshToken.accountId });
      noteAct(ctx, {
        action: 'refresh-token.reused',
        outcome: 'refused',
        subjectId: refreshToken.accountId ?? null,
        detail: { grantRevoked: true },
      });
      return;
    }
    refused('token.issued', 'token')(ctx, error);
  });
  provider.on('introspection.error', refused('introspection', 'introspection'));
  provider.on('revocation.error', refused('token.revoked', 'revocation'));
  provider.on('pushed_authorization_request.error', refused('authorization', 'pushed_authorization_request'));
  const endpoints: EventEmitter = provider;
  for (const event of otherErrors) endpoints.on(event, noteOutage);
  provider.on('server_error', (ctx, error) => {
    if (!noteOutage(ctx, error)) logger.error({ err: error, route: ctx.oidc?.route }, 'OAuth request failed');
  });
  // Koa would print to the console; its errors are those of broken connections and of code outside the provider's routes.
  provider.onerror = (error) => logger.warn({ err: error }, 'OAuth request broke off');
}

/** Tells of tokens once they are stored, which is when there are any. */
export function tellIssuedTokens({ events, noteAct }: Pick<ListenerDependencies, 'events' | 'noteAct'>) {
  return (ctx: KoaContextWithOIDC): void => {
    const { AccessToken: token, ClientCredentials: own } = ctx.oidc.entities;
    const kind = String(ctx.oidc.params?.grant_type);
    const act = token && actorOf(token);
    events.tokensIssued({ kind, clientId: clientIdOf(ctx) ?? '', accountId: token?.accountId });
    const { accountId, aud: audience } = token ?? {};
    noteAct(ctx, issuedAct({ grantType: kind, scope: (token ?? own)?.scope, accountId, audience, act }));
  };
}

/** The record of a code that was given, without who was given it. */
export function codeAct({
  accountId,
  scope,
  isForDevice = false,
}: {
  accountId: string | undefined;
  scope: string | undefined;
  isForDevice?: boolean;
}): Omit<AuditRecord, 'actor'> {
  return {
    action: 'code.issued',
    outcome: 'success',
    subjectId: accountId ?? null,
    detail: { scope, ...(isForDevice && { device: true }) },
  };
}

/** The record of tokens that were given, without who was given them. */
export function issuedAct({
  grantType,
  scope,
  accountId,
  audience,
  act,
}: {
  grantType: string;
  scope: string | undefined;
  accountId?: string | undefined;
  audience?: unknown;
  act?: Actor | undefined;
}): Omit<AuditRecord, 'actor'> {
  return {
    action: 'token.issued',
    outcome: 'success',
    subjectId: accountId ?? null,
    detail: { grantType, scope, ...(audience !== undefined && { audience }), ...(act && { act }) },
  };
}
