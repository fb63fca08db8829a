import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Events } from '../../events.js';
import { networkOf } from '../../services/network.js';
import { renderErrorPage } from '../../web/error.page.js';
import type { Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { wordsIn } from '../../words/words.js';
import { withoutSlash } from '../endpoint-names.js';
import type { Middleware } from '../middleware.js';
import { addressOf } from '../session/visitor.js';

/**
 * Bounds how many authorization requests of people who are not signed in begin from one network: each waits for its person as a
 * row, whoever sends it. The bound is far above what a school behind one address does, and holds nobody up who is signed in. It is
 * of each process, since what is kept from growing is what each of them stores, and no request shall cost a write for it.
 *
 * @param perMinute - for one network
 */
export function boundAnonymousRequests({
  perMinute,
  events,
  site,
}: {
  perMinute: number;
  events: Events;
  site: Site;
}): Middleware {
  const begun = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (ctx, next) => {
    // The name of the cookie is signed: who has none of ours is not signed in.
    const isAnonymous = !ctx.cookies.get('portico_session', { signed: true });
    if (withoutSlash(ctx.path) !== '/oauth2/authorize' || !isAnonymous) return next();
    const address = addressOf(ctx.req);
    const waitSeconds = await begun.consume(networkOf(address ?? 'unknown')).then(
      () => undefined,
      (excess: unknown) => {
        if (!(excess instanceof RateLimiterRes)) throw excess;
        return Math.max(1, Math.ceil(excess.msBeforeNext / 1000));
      },
    );
    if (waitSeconds === undefined) return next();
    events.throttled({ what: 'authorization', address });
    ctx.status = 429;
    ctx.set('retry-after', String(waitSeconds));
    ctx.type = 'html';
    const words = wordsIn(languageOf(ctx.req.headers, site.locales));
    ctx.body = renderErrorPage({
      site,
      words,
      title: words('Too many sign-ins at once'),
      message: words('Very many people begin to sign in from your network. Wait a minute and try again.'),
    });
  };
}
