import type { AccountProfile } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import { countryCodes } from './country-codes.js';
import { usernameProblem } from './username.js';

/** Local part and domain of RFC 5322 without quoting, as browsers check `type=email`; the LMS wants a dot in the domain. */
const emailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i;
const nameMaxLength = 255;
const profileTextMaxLength = 255;

/**
 * @returns the address without the blanks around it
 * @throws {@link InvalidInputError} when it is none, by the rules of the LMS: 3 to 254 characters
 */
export function parseEmail(input: string): string {
  const email = input.trim();
  if (email.length > 254 || !emailPattern.test(email))
    throw new InvalidInputError('Enter an e-mail address like name@example.org.', {
      field: ['email'],
      reason: 'EMAIL_INVALID',
    });
  return email;
}

/**
 * @returns the name with single blanks
 * @throws {@link InvalidInputError} when the LMS would refuse it as full name: empty, over 255 characters, `<`, `>` or `://`
 */
export function parseName(input: string): string {
  const name = input.normalize('NFC').replace(/\s+/gu, ' ').trim();
  const refuse = (message: string, values?: { count: number }) =>
    new InvalidInputError(message, { field: ['name'], reason: 'NAME_INVALID', ...(values && { values }) });
  if (name.length === 0) throw refuse('Enter your full name.');
  if (name.length > nameMaxLength) throw refuse('A name has at most {count} characters.', { count: nameMaxLength });
  if (/[<>]/.test(name)) throw refuse('A name cannot contain < or >.');
  if (name.includes('://')) throw refuse('A name cannot contain a web address.');
  if (/\p{Cc}/u.test(name)) throw refuse('A name cannot contain control characters.');
  return name;
}

/** @throws {@link InvalidInputError} when the LMS would refuse it as username */
export function parseUsername(input: string): string {
  const username = input.trim();
  const problem = usernameProblem(username);
  if (problem)
    throw new InvalidInputError(problem.text, {
      field: ['username'],
      reason: 'USERNAME_INVALID',
      values: problem.values,
    });
  return username;
}

/**
 * Checks the parts of a profile that are given; an empty text takes a part away.
 *
 * @throws {@link InvalidInputError} naming the part
 */
export function parseProfile(input: AccountProfile, now: Date): AccountProfile {
  const profile: AccountProfile = {};
  if (input.country !== undefined) profile.country = parseCountry(input.country);
  if (input.birthYear !== undefined) profile.birthYear = parseBirthYear(input.birthYear, now);
  for (const part of ['state', 'gender', 'company', 'jobTitle', 'languageCode'] as const) {
    const text = input[part];
    if (text !== undefined) profile[part] = parseText(text, part);
  }
  return profile;
}

function parseCountry(input: string | null): string | null {
  const country = input?.trim().toUpperCase() || null;
  if (country !== null && !countryCodes.includes(country))
    throw new InvalidInputError('Choose a country from the list (ISO 3166 alpha-2).', {
      field: ['profile', 'country'],
      reason: 'COUNTRY_INVALID',
    });
  return country;
}

function parseBirthYear(input: number | null, now: Date): number | null {
  if (input === null) return null;
  const thisYear = now.getUTCFullYear();
  if (!Number.isInteger(input) || input < thisYear - 130 || input > thisYear)
    throw new InvalidInputError('Enter the year of birth with four digits.', {
      field: ['profile', 'birthYear'],
      reason: 'BIRTH_YEAR_INVALID',
    });
  return input;
}

function parseText(input: string | null, part: string): string | null {
  const text = input?.normalize('NFC').trim() || null;
  if (text !== null && (text.length > profileTextMaxLength || /[<>\p{Cc}]/u.test(text)))
    throw new InvalidInputError(`Use at most ${profileTextMaxLength} characters, without < and >.`, {
      field: ['profile', part],
      reason: 'PROFILE_INVALID',
    });
  return text;
}
