import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LanguageLink } from '../web/layout.js';
import { bestLanguage, isLanguage, languageCookie, languageNames, languageOf, languages } from '../words/languages.js';
import { type Words, wordsIn } from '../words/words.js';

const parameter = 'lang';
const keptSeconds = 365 * 24 * 3600;

/** Has pages take `?lang=` in their address, and keep it for this browser. */
export function registerLanguageChoice(app: FastifyInstance, { publicUrl }: { publicUrl: string }): void {
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') } as const;
  app.addHook('onRequest', async (request, reply) => {
    const asked = askedLanguage(request);
    if (isLanguage(asked)) reply.setCookie(languageCookie, asked, { ...options, maxAge: keptSeconds });
  });
}

/** The words of the language that whoever asks reads; `?lang=` asks for one. */
export function wordsFor({ request }: Pick<FastifyReply, 'request'>): Words {
  return wordsIn(languageOf(request.headers, askedLanguage(request)));
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
export function redirectionTo(locales: readonly string[], request: FastifyRequest): string | undefined {
  const wanted = bestLanguage(locales.join(','));
  if (wanted === undefined || askedLanguage(request) !== undefined) return undefined;
  return languageOf(request.headers) === wanted ? undefined : inLanguage(request.url, wanted);
}

/** This page in the languages that it is not in. */
export function otherLanguages(reply: FastifyReply): LanguageLink[] {
  const { language: current } = wordsFor(reply);
  return languages
    .filter((language) => language !== current)
    .map((language) => ({ language, name: languageNames[language], href: inLanguage(reply.request.url, language) }));
}
