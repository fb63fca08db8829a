import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';

/** The languages that there are words in. A site offers some of them, in an order of its own. */
export const languages = ['en', 'es'] as const;

export type Language = (typeof languages)[number];

/** What each language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

/** The cookie that keeps the language somebody chose, or that a client asked for. */
export const languageCookie = 'portico_language';

export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

/** Which way a language is written: the `dir` of a document. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  // Not in the types of the language yet (ECMA-402, Intl Locale Info).
  const locale: Intl.Locale & { getTextInfo?(): { direction: 'ltr' | 'rtl' } } = new Intl.Locale(language);
  return locale.getTextInfo?.().direction ?? 'ltr';
}

/**
 * The language to answer a request in: the one that is asked for, that was chosen before, or that the browser says its user
 * reads.
 *
 * @param offered - by the site; the first is for whoever reads none of them
 * @param asked - from the address, where pages can be asked for in a language
 */
export function languageOf(
  { cookie = '', 'accept-language': accepted = '' }: IncomingHttpHeaders,
  offered: readonly Language[],
  asked?: unknown,
): Language {
  const find = (wanted: unknown) => offered.find((language) => language === wanted);
  const chosen = new RegExp(`(?:^|;\\s*)${languageCookie}=([^;]*)`).exec(cookie)?.[1];
  return find(asked) ?? find(chosen) ?? bestLanguage(accepted, offered) ?? offered[0] ?? languages[0];
}

/**
 * The best of a list of languages, as of the header `Accept-Language` (RFC 9110 12.5.4), or `ui_locales` joined by commas.
 *
 * @returns undefined when there is none of those in it
 */
export function bestLanguage(accepted: string, offered: readonly Language[]): Language | undefined {
  const best = new Negotiator({ headers: { 'accept-language': accepted } }).language([...offered]);
  return isLanguage(best) && accepted !== '' ? best : undefined;
}
