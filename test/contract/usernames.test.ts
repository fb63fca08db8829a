import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInputError } from '../../src/errors.js';
import { deriveUsername, suffixUsername, usernameProblem } from '../../src/services/account/username.js';

test.each([
  ['Jane Doe', 'x@example.org', 'jane-doe'],
  ['José Ñandú', 'x@example.org', 'jose-nandu'],
  ['Łukasz Żółć', 'x@example.org', 'lukasz-zolc'],
  ['Ada 2nd Lovelace', 'x@example.org', 'ada-nd-lovelace'],
  ['İpek Işık', 'x@example.org', 'ipek-isik'],
  ['I\u0307rem', 'x@example.org', 'irem'],
  ['  anna -- _ maria  ', 'x@example.org', 'anna-maria'],
  ["O'Neill, Sean", 'x@example.org', 'oneill-sean'],
  ['Q', 'x@example.org', 'q11'],
  ['12345', 'jane.doe@example.org', 'janedoe'],
  ['', 'Zoë_K@example.org', 'zoe-k'],
  ['!!!', 'a.b.c.1990@example.org', 'abc'],
  ['\u738b\u5c0f\u660e', 'x@example.org', 'wangxiaoming'],
  ['Мария Иванова', 'x@example.org', 'mariya-ivanova'],
  ['\u{1f600} Smile', 'x@example.org', 'smile'],
  ['abcdefghijklmnopqrstuvwxyzabcde', 'x@example.org', 'abcdefghijklmnopqrstuvwxyzabcd'],
  ['abcdefghijklmnopqrstuvwxyzabc defg', 'x@example.org', 'abcdefghijklmnopqrstuvwxyzabc'],
])('41: %j with %s is called %s', (name, email, username) => {
  expect(deriveUsername(name, email)).toBe(username);
});

test('a name and an address without any letter ask the person to choose', () => {
  expect(() => deriveUsername('42', '1234@example.org')).toThrow(InvalidInputError);
});

test('whatever is derived is a username that the LMS accepts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (name) => {
      expect(usernameProblem(deriveUsername(name, 'somebody@example.org'))).toBeUndefined();
    }),
  );
});

test('an alternative keeps the number and gives up the end of the name', () => {
  expect(suffixUsername('jane-doe', 1)).toBe('jane-doe1');
  expect(suffixUsername('a'.repeat(30), 12)).toBe(`${'a'.repeat(28)}12`);
});

test.each(['a', 'x'.repeat(31), 'jane doe', 'jane@doe', 'zoë', 'Retired__User_0815'])(
  '%s is refused as username',
  (username) => {
    expect(usernameProblem(username)).toMatchObject({ text: expect.stringContaining('username') });
  },
);
