import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { renderErrorPage } from '../../web/error.page.js';
import type { Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { type FixedText, wordsIn } from '../../words/words.js';

export type ErrorRenderer = (ctx: KoaContextWithOIDC, out: ErrorOut, error: Error) => void;

/** Routes that a person's browser comes to; all others are called by programs, which want JSON whatever they accept. */
const browserRoutes = new Set([
  'authorization',
  'resume',
  'end_session',
  'end_session_confirm',
  'end_session_success',
  'code_verification',
  'device_resume',
]);

/** Whether a route of the provider is one that people see, so that its errors are pages and not JSON. */
export function isBrowserRoute(route: string | undefined): boolean {
  return route !== undefined && browserRoutes.has(route);
}

/** What may have happened, in words for the person; for the codes that reach a page. */
const explanations: Record<string, FixedText> = {
  invalid_client: 'The application that sent you here is not known.',
  invalid_redirect_uri:
    'The application that sent you here gave an address to return to that it is not registered for.',
  invalid_request:
    'The application that sent you here made a request that could not be understood, or that has expired.',
  server_error: 'Something went wrong here. It was recorded; try again in a moment.',
};

/** Answers errors: a page on the routes of browsers, the RFC's JSON everywhere else. */
export function createErrorRenderer(site: Site): ErrorRenderer {
  return (ctx, out) => {
    if (!isBrowserRoute(ctx.oidc?.route) || ctx.accepts('html', 'json') === 'json') {
      const { state: _state, ...answer } = out;
      ctx.body = answer;
      return;
    }
    const explanation = explanations[out.error] ?? 'Signing in was not possible.';
    const detail = [out.error, out.error_description].filter(Boolean).join(': ');
    ctx.type = 'html';
    const words = wordsIn(languageOf(ctx.req.headers, site.locales));
    const message = `${words(explanation)} (${detail})`;
    ctx.body = renderErrorPage({ site, words, title: words('This did not work'), message });
  };
}
