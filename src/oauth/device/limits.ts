import type { Events } from '../../events.js';
import { networkOf } from '../../services/network.js';
import { renderErrorPage } from '../../web/error.page.js';
import type { Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { wordsIn } from '../../words/words.js';
import { errorOf, type Middleware } from '../middleware.js';
import { clientIdOf } from '../request-audit.js';
import { addressOf } from '../session/visitor.js';
import { type DeviceThrottles, pollIntervalSeconds, wrongCodeLimit, wrongCodeWindowSeconds } from './throttles.js';

/**
 * Answers devices that ask too often (RFC 8628 3.5): with `slow_down`, and 429 when that does not help. Only the answer that
 * there is nothing yet is held back; a person's decision arrives whenever the device asks next.
 */
export function slowDevicesDown({ pace, polls }: DeviceThrottles, events: Events): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'device_authorization' && ctx.status === 200 && ctx.body instanceof Object)
      ctx.body = { ...ctx.body, interval: pollIntervalSeconds };
    const deviceCode = ctx.oidc?.params?.device_code;
    if (errorOf(ctx.body) !== 'authorization_pending' || typeof deviceCode !== 'string') return;
    const [poll, total] = await Promise.all([pace.record(deviceCode), polls.record(deviceCode)]);
    if (!poll.isOver && !total.isOver) return;
    ctx.body = { error: 'slow_down', error_description: `ask every ${pollIntervalSeconds} seconds` };
    if (!total.isOver) return;
    events.throttled({ what: 'device-polling', address: addressOf(ctx.req), clientId: clientIdOf(ctx) });
    ctx.status = 429;
    ctx.set('retry-after', String(total.retryAfterSeconds));
  };
}

/** Stops whoever tries user codes: after too many that there are not, no code of that address counts for a while. */
export function limitCodeGuessing({ wrongCodes }: DeviceThrottles, events: Events, site: Site): Middleware {
  return async (ctx, next) => {
    const isTry = ctx.method === 'POST' && /^\/oauth2\/device\/?$/i.test(ctx.path);
    if (!isTry) return next();
    const address = addressOf(ctx.req);
    const network = networkOf(address ?? 'unknown');
    if ((await wrongCodes.count(network)) >= wrongCodeLimit) {
      events.throttled({ what: 'user-code', address });
      ctx.status = 429;
      ctx.set('retry-after', String(wrongCodeWindowSeconds));
      ctx.type = 'html';
      const words = wordsIn(languageOf(ctx.req.headers, site.locales));
      ctx.body = renderErrorPage({
        site,
        words,
        title: words('Too many attempts'),
        message: words('Too many codes were tried that are not there. Wait a minute, then try again.'),
        action: { label: words('Back'), href: '/oauth2/device' },
      });
      return;
    }
    await next();
    if (isUnknownCode(ctx.state)) await wrongCodes.record(network);
  };
}

const unknownCode = 'unknownUserCode';

/** Notes on a request that the user code it came with is not there. */
export function noteUnknownCode(state: Record<string, unknown>): void {
  state[unknownCode] = true;
}

function isUnknownCode(state: Record<string, unknown>): boolean {
  return state[unknownCode] === true;
}
