import type { Events } from '../../events.js';
import type { Middleware } from '../middleware.js';
import { noteAct } from '../request-audit.js';
import type { SessionEnding } from './ending.js';

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
