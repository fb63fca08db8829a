import { countryCodes } from '../services/account/country-codes.js';

const names = new Intl.DisplayNames(['en'], { type: 'region' });

/** All countries to choose from, by name. */
export const countries: readonly { value: string; label: string }[] = countryCodes
  .map((value) => ({ value, label: names.of(value) ?? value }))
  .sort((a, b) => a.label.localeCompare(b.label, 'en'));

/** Name of a country by its ISO 3166 code. */
export function nameCountry(code: string): string {
  return names.of(code) ?? code;
}
