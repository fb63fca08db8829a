import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/errors.js';
import { parsePasskeyName } from '../../../../src/services/passkey/name.js';

test('a name is kept as it was meant', () => {
  expect(parsePasskeyName('  Ada’s   phone ')).toBe('Ada’s phone');
  expect(parsePasskeyName('مفتاح')).toBe('مفتاح');
});

test.each(['', '   ', 'a'.repeat(61), 'a\u0007b'])('“%s” is no name', (typed) => {
  expect(() => parsePasskeyName(typed)).toThrow(InvalidInputError);
});
