import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Events } from '../../events.js';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import type { ClientRegistry } from '../client/registry.js';
import type { Middleware } from '../middleware.js';
import { clientIdOf, noteAct } from '../request-audit.js';

/** Names the person in what introspection answers (`username`, RFC 7662 2.2), and tells of revocations. */
export function completeTokenAnswers({
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
    if (ctx.status !== 200) return;
    if (ctx.oidc?.route === 'introspection' && isActive(ctx.body)) {
      const { AccessToken, RefreshToken, ClientCredentials } = ctx.oidc.entities;
      const accountId =
        (AccessToken ?? RefreshToken)?.accountId ?? (await clients.ownerOf(ClientCredentials?.clientId ?? ''));
      const account = accountId ? await findActiveAccount(accounts, accountId) : undefined;
      // A client that must not learn who people are is told of them by the subject alone.
      const isPairwise = (await clients.find(String(ctx.body.client_id)))?.metadata.subject_type === 'pairwise';
      if (account && !isPairwise) ctx.body = { ...ctx.body, username: account.username };
    }
    if (ctx.oidc?.route === 'revocation' && hasRevoked(ctx)) {
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

function hasRevoked(ctx: KoaContextWithOIDC): boolean {
  const { AccessToken, RefreshToken, ClientCredentials } = ctx.oidc.entities;
  const token = AccessToken ?? RefreshToken ?? ClientCredentials;
  return token !== undefined && token.clientId === ctx.oidc.client?.clientId;
}

function isActive(body: unknown): body is { active: true; client_id?: unknown } {
  return body instanceof Object && 'active' in body && body.active === true;
}
