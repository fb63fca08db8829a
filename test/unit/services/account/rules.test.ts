import { expect, test } from 'vitest';
import { parseEmail, parseName, parseProfile, parseUsername } from '../../../../src/services/account/rules.js';

const now = new Date('2026-11-25T00:00:00Z');

test.each(['nobody', 'a@b', 'a b@example.org', 'a@example.org\0', '@example.org', `${'a'.repeat(250)}@example.org`])(
  'the e-mail address %j is refused',
  (email) => {
    expect(() => parseEmail(email)).toThrow(expect.objectContaining({ field: ['email'], reason: 'EMAIL_INVALID' }));
  },
);

test.each(['', ' ', 'a'.repeat(256), '<b>Alice</b>', 'see https://shop.example', 'Alice\0'])(
  'the name %j is refused, as the LMS would',
  (name) => {
    expect(() => parseName(name)).toThrow(expect.objectContaining({ field: ['name'], reason: 'NAME_INVALID' }));
  },
);

test.each(['a', 'änne', 'with space', 'a'.repeat(31), 'retired__user_1', 'a@b'])(
  'the username %j is refused, as the LMS would',
  (username) => {
    expect(() => parseUsername(username)).toThrow(
      expect.objectContaining({ field: ['username'], reason: 'USERNAME_INVALID' }),
    );
  },
);

test('names keep their letters and lose surplus blanks', () => {
  expect(parseName('  Zoë \n van  Dam ')).toBe('Zoë van Dam');
  expect(parseName('O’Brien, Müller & 李')).toBe('O’Brien, Müller & 李');
  expect(parseEmail(' Alice@Example.org ')).toBe('Alice@Example.org');
});

test('a profile names the part that is wrong, and an empty text takes a part away', () => {
  expect(() => parseProfile({ country: 'XX' }, now)).toThrow(
    expect.objectContaining({ field: ['profile', 'country'], reason: 'COUNTRY_INVALID' }),
  );
  expect(() => parseProfile({ birthYear: 3000 }, now)).toThrow(
    expect.objectContaining({ field: ['profile', 'birthYear'], reason: 'BIRTH_YEAR_INVALID' }),
  );
  expect(() => parseProfile({ company: '<i>' }, now)).toThrow(
    expect.objectContaining({ field: ['profile', 'company'], reason: 'PROFILE_INVALID' }),
  );
  expect(parseProfile({ country: 'us', company: ' ', jobTitle: 'Engineer' }, now)).toEqual({
    country: 'US',
    company: null,
    jobTitle: 'Engineer',
  });
});
