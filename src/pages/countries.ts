import { countryCodes } from '../services/account/country-codes.js';
import type { Words } from '../words/words.js';

/** All countries to choose from, by name. */
export function countriesIn(words: Words): { value: string; label: string }[] {
  return countryCodes
    .map((value) => ({ value, label: words.country(value) }))
    .sort((a, b) => a.label.localeCompare(b.label, words.language));
}
