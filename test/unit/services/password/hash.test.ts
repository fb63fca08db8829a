import { expect, test } from 'vitest';
import { createPasswordHasher } from '../../../../src/services/password/hash.js';

const cost = { memoryKib: 64, passes: 1 };

test('a hash is argon2id, salted, and fits its password only', async () => {
  const hasher = createPasswordHasher({ cost });
  const [first, second] = await Promise.all([hasher.hash('tea-at-six'), hasher.hash('tea-at-six')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  expect(first).not.toBe(second);
  expect(await hasher.verify(first, 'tea-at-six')).toEqual({ isRight: true, isOutdated: false });
  expect(await hasher.verify(first, 'tea-at-seven')).toEqual({ isRight: false, isOutdated: false });
});

test('the same password from another keyboard fits: composed and decomposed letters are one', async () => {
  const hasher = createPasswordHasher({ cost });
  expect(await hasher.verify(await hasher.hash('caf\u00e9-au-lait'), 'cafe\u0301-au-lait')).toMatchObject({
    isRight: true,
  });
});

test('nothing fits where there is no hash', async () => {
  const hasher = createPasswordHasher({ cost });
  for (const stored of [null, undefined])
    expect(await hasher.verify(stored, 'nobody has this password')).toEqual({ isRight: false, isOutdated: false });
});

test('a hash of another cost is outdated', async () => {
  const old = await createPasswordHasher({ cost }).hash('tea-at-six');
  const hasher = createPasswordHasher({ cost: { memoryKib: 128, passes: 1 } });
  expect(await hasher.verify(old, 'tea-at-six')).toEqual({ isRight: true, isOutdated: true });
});
