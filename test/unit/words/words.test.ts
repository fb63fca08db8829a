import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/errors.js';
import { es } from '../../../src/words/es.js';
import { bestLanguage, directionOf, languageOf, languages } from '../../../src/words/languages.js';
import { wordsIn } from '../../../src/words/words.js';

const [english, spanish] = [wordsIn('en'), wordsIn('es')];
const placesIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test('a translation has the places of its text, and ends as it does', () => {
  for (const [text, translation] of Object.entries(es)) {
    expect({ text, places: placesIn(translation) }).toEqual({ text, places: placesIn(text) });
    expect({ text, ends: /[.:?!;]?$/.exec(translation)?.[0] }).toEqual({ text, ends: /[.:?!;]?$/.exec(text)?.[0] });
  }
});

test('values are put in place, in either language', () => {
  expect(english('Hello, {name}', { name: 'Ada' })).toBe('Hello, Ada');
  expect(spanish('Hello, {name}', { name: '{name}' })).toBe('Hola, {name}');
});

test('a text with HTML in it is escaped around its values', () => {
  expect(spanish.html('Passkey “{name}”', { name: '<b>x</b>' })).toBe('Llave de acceso «<b>x</b>»');
  expect(english.html('A name cannot contain < or >.')).toBe('A name cannot contain &#60; or &#62;.');
});

test('an error is said in the language of the person, with its values and what it advises', () => {
  const error = new InvalidInputError('This password is too easy to guess. {advice}', {
    values: { advice: ['Dates are easy to guess.', 'Avoid recent years.'] },
  });
  expect(error.message).toBe('This password is too easy to guess. Dates are easy to guess. Avoid recent years.');
  expect(spanish.ofError(error)).toBe(
    'Esta contraseña es demasiado fácil de adivinar. Las fechas son fáciles de adivinar. Evita los años recientes.',
  );
  expect(spanish.ofError(new InvalidInputError('For programs only.'))).toBe('For programs only.');
});

test.each([
  [{}, undefined, 'en'],
  [{ 'accept-language': 'fr, de;q=0.5' }, undefined, 'en'],
  [{ 'accept-language': 'fr, es-MX;q=0.8, en;q=0.5' }, undefined, 'es'],
  [{ 'accept-language': '\u0000;;q=x,,' }, undefined, 'en'],
  [{ 'accept-language': 'es', cookie: 'a=b; portico_language=en' }, undefined, 'en'],
  [{ 'accept-language': 'es', cookie: 'portico_language=xx' }, undefined, 'es'],
  [{ 'accept-language': 'es' }, 'en', 'en'],
  [{ 'accept-language': 'es' }, ['en'], 'es'],
] as const)('the headers %j, asked for %j, are answered in %s', (headers, asked, language) => {
  expect(languageOf(headers, languages, asked)).toBe(language);
});

test('what a site does not offer is not given, and its first language is for whoever reads none', () => {
  const spanishOnly = { 'accept-language': 'en', cookie: 'portico_language=en' };
  expect(languageOf(spanishOnly, ['es'], 'en')).toBe('es');
  expect(languageOf({ 'accept-language': 'fr' }, ['es', 'en'])).toBe('es');
});

test('a list of languages without any of ours has no best', () => {
  expect(bestLanguage('fr,de', languages)).toBeUndefined();
  expect(bestLanguage('', languages)).toBeUndefined();
  expect(bestLanguage('fr,es-AR', languages)).toBe('es');
  expect(bestLanguage('es', ['en'])).toBeUndefined();
});

test('languages are written from left to right or from right to left', () => {
  expect([directionOf('es'), directionOf('ar'), directionOf('he')]).toEqual(['ltr', 'rtl', 'rtl']);
});

test('days, lists and countries are those of the language', () => {
  const day = new Date('2026-11-25T06:05:00Z');
  expect([english.day(day), english.minute(day)]).toEqual(['Nov 25, 2026', 'Nov 25, 2026, 6:05 AM UTC']);
  expect(spanish.day(day, 'long')).toBe('25 de noviembre de 2026');
  expect([english.list(['a', 'b']), spanish.list(['a', 'b'])]).toEqual(['a and b', 'a y b']);
  expect(spanish.country('DE')).toBe('Alemania');
});
