import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LanguageLink } from '../web/layout.js';
import { bestLanguage, type Language, languageCookie, languageNames, languageOf } from '../words/languages.js';
import { type Words, wordsIn } from '../words/words.js';

const parameter = 'lang';
const keptSeconds = 365 * 24 * 3600;

declare module 'fastify' {
  interface FastifyRequest {
    /** The words of the language that whoever asks reads, of those that the site offers; on pages only. */
    readonly words: Words;
  }
}

/** Has pages take `?lang=` in their address, and keep it for this browser. */
export function registerLanguageChoice(
  app: FastifyInstance,
  { publicUrl, offered }: { publicUrl: string; offered: readonly Language[] },
): void {
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') } as const;
  app.decorateRequest('words', {
    getter() {
      return wordsIn(languageOf(this.headers, offered, askedLanguage(this)));
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    const asked = offered.find((language) => language === askedLanguage(request));
    if (asked) reply.setCookie(languageCookie, asked, { ...options, maxAge: keptSeconds });
  });
}

/** The language in the address of a page, whatever stands there. */
function askedLanguage({ query }: Pick<FastifyRequest, 'query'>): unknown {
  // It has no prototype.
  const isRecord = typeof query === 'object' && query !== null;
  return isRecord && parameter in query ? query[parameter] : undefined;
}

/** An address with the language that it is asked for in. */
function inLanguage(path: string, language: string): string {
  const url = new URL(path, 'http://localhost');
  url.searchParams.set(parameter, language);
  return url.pathname + url.search;
}

/** The page in the language that a client asked for, when it is one of ours and nobody has asked for another since. */
export function redirectionTo(
  locales: readonly string[],
  request: FastifyRequest,
  offered: readonly Language[],
): string | undefined {
  const wanted = bestLanguage(locales.join(','), offered);
  if (wanted === undefined || askedLanguage(request) !== undefined) return undefined;
  return request.words.language === wanted ? undefined : inLanguage(request.url, wanted);
}

/** This page in the languages that it is not in; one that answers a form has no address to be asked for at. */
export function otherLanguages({ words, url, method }: FastifyRequest, offered: readonly Language[]): LanguageLink[] {
  if (method !== 'GET') return [];
  return offered
    .filter((language) => language !== words.language)
    .map((language) => ({ language, name: languageNames[language], href: inLanguage(url, language) }));
}
