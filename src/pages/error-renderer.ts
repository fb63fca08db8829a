import { renderErrorPage } from '../web/error.page.js';
import type { Site } from '../web/layout.js';

const titles: Record<number, string> = {
  400: 'That did not work',
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Page not found',
  409: 'That did not work',
  413: 'Too large',
  421: 'Wrong address',
  422: 'That did not work',
  429: 'Too many attempts',
  502: 'The learning site refused this',
  503: 'Not available right now',
};

/**
 * How the web server shows an error to a person.
 *
 * @returns a function of what may be told, for all routes
 */
export function createErrorRenderer({ site }: { site: Site }) {
  return ({ status, message, requestId }: { status: number; message: string; requestId: string }): string =>
    renderErrorPage({ site, title: titles[status] ?? 'Something went wrong', message, requestId });
}
