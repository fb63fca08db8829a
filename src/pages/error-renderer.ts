import type { IncomingHttpHeaders } from 'node:http';
import { renderErrorPage } from '../web/error.page.js';
import type { Site } from '../web/layout.js';
import { languageOf } from '../words/languages.js';
import { type FixedText, wordsIn } from '../words/words.js';

const titles: Record<number, FixedText> = {
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

interface ErrorToShow {
  status: number;
  /** In English. */
  message: string;
  requestId: string;
  /** Of the request: they tell the language. */
  headers: IncomingHttpHeaders;
}

/**
 * How the web server shows an error to a person.
 *
 * @returns a function of what may be told, for all routes
 */
export function createErrorRenderer({ site }: { site: Site }) {
  return ({ status, message, requestId, headers }: ErrorToShow): string => {
    const words = wordsIn(languageOf(headers, site.locales));
    const title = words(titles[status] ?? 'Something went wrong');
    return renderErrorPage({ site, words, title, message: words.ofError({ message }), requestId });
  };
}
