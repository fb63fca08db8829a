import type { KoaContextWithOIDC } from 'oidc-provider';
import { DatabaseUnavailableError } from '../../errors.js';
import { renderErrorPage } from '../../web/error.page.js';
import type { Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { wordsIn } from '../../words/words.js';
import type { Middleware } from '../middleware.js';
import { isBrowserRoute } from './errors.js';

/** Where a request notes that it failed for want of the database. */
const outage = 'databaseOutage';

/** Notes an error of a request if it is one of the database being away. @returns whether it was */
export function noteOutage(ctx: KoaContextWithOIDC, error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError)) return false;
  ctx.state[outage] = error;
  return true;
}

/**
 * Answers what failed because the database is away: with 503, whatever the provider made of it, and with when to come back.
 * Programs read `temporarily_unavailable` (RFC 6749 4.1.2.1), people a page. No cookie is set or taken away by it.
 */
export function answerOutages(site: Site): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!noteOutage(ctx, error)) throw error;
    }
    const error: unknown = ctx.state[outage];
    if (!(error instanceof DatabaseUnavailableError)) return;
    for (const header of ['set-cookie', 'location', 'www-authenticate']) ctx.remove(header);
    ctx.status = error.httpStatus;
    ctx.set('retry-after', String(error.retryAfterSeconds));
    ctx.set('cache-control', 'no-store');
    const route = ctx.oidc?.route;
    const isForPerson = (route === undefined || isBrowserRoute(route)) && ctx.accepts('json', 'html') === 'html';
    if (!isForPerson) {
      ctx.body = { error: 'temporarily_unavailable', error_description: error.message };
      return;
    }
    ctx.type = 'html';
    const words = wordsIn(languageOf(ctx.req.headers, site.locales));
    ctx.body = renderErrorPage({ site, words, title: words('Not available right now'), message: words.ofError(error) });
  };
}
