import type { Events } from '../../events.js';
import type { FailureThrottle } from '../failure-throttle.js';
import { errorOf, type Middleware } from '../middleware.js';
import { clientIdOf, noteThrottling } from '../request-audit.js';
import { addressOf } from '../session/visitor.js';

/** Turns failed client authentication into 429 once there was too much of it from one address. */
export function throttleFailures(throttle: FailureThrottle, events: Events): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.status !== 401 || errorOf(ctx.body) !== 'invalid_client') return;
    const clientId = clientIdOf(ctx) ?? basicUsername(ctx.get('authorization'));
    const address = addressOf(ctx.req);
    const excess = await throttle.countFailure(address ?? 'unknown', clientId);
    if (!excess) return;
    if (excess.isFirst) noteThrottling(ctx);
    events.throttled({ what: 'client-authentication', address, clientId });
    ctx.status = 429;
    ctx.set('retry-after', String(excess.waitSeconds));
    ctx.body = { error: 'invalid_client', error_description: 'too many failed attempts, try again later' };
  };
}

function basicUsername(authorization: string): string | undefined {
  const [scheme, credentials = ''] = authorization.split(' ');
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0]?.slice(0, 100);
}
