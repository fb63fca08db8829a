import { html } from 'ghtml';
import { es } from './es.js';
import { type FillValues, fill, type Wording } from './fill.js';
import { directionOf, type Language } from './languages.js';

/**
 * A text of a page or a mail, as it stands in English: that is its name in the other catalogues. What differs from one time to
 * the next stands in it as `{name}`.
 */
export type Text = Extract<keyof typeof es, string>;

/** A text in which nothing differs. */
export type FixedText = { [T in Text]: [Names<T>] extends [never] ? T : never }[Text];

type Names<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<T extends string, Value> = [Names<T>] extends [never] ? [] : [values: Readonly<Record<Names<T>, Value>>];

/** The words of one language. */
export interface Words {
  readonly language: Language;
  readonly direction: 'ltr' | 'rtl';
  /** A text with its values in place; plain, to be escaped where it goes into HTML. */
  <T extends Text>(text: T, ...values: Values<T, string | number>): string;
  /** A text with HTML in it: the text is escaped, the values are not. */
  html<T extends Text>(text: T, ...values: Values<T, string>): string;
  /** What an error says to a person; in English, when it is meant for programs and in no catalogue. */
  ofError(error: { message: string; wording?: Wording | undefined }): string;
  /** e.g. `Nov 25, 2026`, or `November 25, 2026` when long; in UTC. */
  day(date: Date, style?: 'medium' | 'long'): string;
  /** e.g. `Nov 25, 2026, 6:05 AM UTC`. */
  minute(date: Date): string;
  /** e.g. `6:05 AM UTC`. */
  time(date: Date): string;
  /** Joined as in a sentence, e.g. `a and b`. */
  list(parts: readonly string[]): string;
  /** Name of a country by its ISO 3166 code. */
  country(code: string): string;
}

const catalogues: Record<Language, Readonly<Record<string, string>>> = { en: {}, es };
const known = new Map<Language, Words>();

/** @returns the words of a language; made once for each, since formatters are slow to make */
export function wordsIn(language: Language): Words {
  const words = known.get(language) ?? createWords(language);
  known.set(language, words);
  return words;
}

function createWords(language: Language): Words {
  const catalogue = new Map(Object.entries(catalogues[language]));
  const find = (text: string) => catalogue.get(text) ?? text;
  const say = (text: string, values?: FillValues) => fill(find(text), values);
  const days = {
    medium: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }),
    long: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }),
  };
  const minutes = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const times = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' });
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const countries = new Intl.DisplayNames(language, { type: 'region' });
  return Object.assign(say, {
    language,
    direction: directionOf(language),
    html: (text: string, values?: FillValues) => fill(html`${find(text)}`, values),
    ofError: ({ message, wording }: { message: string; wording?: Wording | undefined }) => {
      if (!wording) return find(message);
      const translated = Object.entries(wording.values).map(([name, value]) => [
        name,
        typeof value === 'object' ? value.map(find) : value,
      ]);
      return say(wording.text, Object.fromEntries(translated));
    },
    day: (date: Date, style: keyof typeof days = 'medium') => days[style].format(date),
    minute: (date: Date) => `${minutes.format(date)} UTC`,
    time: (date: Date) => `${times.format(date)} UTC`,
    list: (parts: readonly string[]) => lists.format(parts),
    country: (code: string) => countries.of(code) ?? code,
  });
}
