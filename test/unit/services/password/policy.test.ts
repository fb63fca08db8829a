import { dictionary } from '@zxcvbn-ts/language-common';
import { expect, test } from 'vitest';
import { createPasswordPolicy } from '../../../../src/services/password/policy.js';

const policy = createPasswordPolicy();
const about = ['Alice Liddell', 'alice-liddell', 'alice@wonderland.example'];

test.each([
  ['too-short', 'TOO_SHORT'],
  ['a'.repeat(257), 'TOO_LONG'],
  ['password123456', 'TOO_WEAK'],
  ['qwertyuiop12', 'TOO_WEAK'],
  ['aliceliddell', 'TOO_WEAK'],
  ['wonderland1', 'TOO_WEAK'],
])('%j is refused', async (password, reason) => {
  await expect(policy.check(password, about)).rejects.toMatchObject({ field: ['password'], reason });
});

const long = Array.from({ length: 60 }, (_, index) => ((index + 7) * 7919).toString(36)).join('');

test.each(['tea-at-half-past-six', 'Ünïcödé wörds 7', long])('%j is accepted', async (password) => {
  await policy.check(password, about);
});

test('a refusal says what would make it better', async () => {
  await expect(policy.check('password123456', about)).rejects.toThrow(/commonly used|less common/);
});

test('long passwords of the list of leaked ones are refused, in capitals too', async () => {
  const leaked = Object.values(dictionary)
    .flat()
    .map(String)
    .filter((word) => word.length >= 10);
  expect(leaked.length).toBeGreaterThan(100);
  const some = leaked.filter((_, place) => place % Math.ceil(leaked.length / 40) === 0);
  for (const password of some.flatMap((word) => [word, word.toUpperCase()]))
    await expect(policy.check(password, []), password).rejects.toMatchObject({ reason: 'TOO_WEAK' });
});
