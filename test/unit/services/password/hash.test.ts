import { expect, test } from 'vitest';
import { RateLimitedError } from '../../../../src/errors.js';
import { createPasswordHasher } from '../../../../src/services/password/hash.js';

const cost = { memoryKib: 64, passes: 1 };

test('a hash is argon2id, salted, and fits its password only', async () => {
  const hasher = createPasswordHasher({ cost });
  const [first, second] = await Promise.all([hasher.hash('tea-at-six'), hasher.hash('tea-at-six')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  expect(first).not.toBe(second);
  expect(await hasher.verify(first, 'tea-at-six', 'here')).toEqual({ isRight: true, isOutdated: false });
  expect(await hasher.verify(first, 'tea-at-seven', 'here')).toEqual({ isRight: false, isOutdated: false });
});

test('the same password from another keyboard fits: composed and decomposed letters are one', async () => {
  const hasher = createPasswordHasher({ cost });
  expect(await hasher.verify(await hasher.hash('caf\u00e9-au-lait'), 'cafe\u0301-au-lait', 'here')).toMatchObject({
    isRight: true,
  });
});

test('nothing fits where there is no hash', async () => {
  const hasher = createPasswordHasher({ cost });
  for (const stored of [null, undefined])
    expect(await hasher.verify(stored, 'nobody has this password', 'here')).toEqual({
      isRight: false,
      isOutdated: false,
    });
});

test('a hash of another cost is outdated', async () => {
  const old = await createPasswordHasher({ cost }).hash('tea-at-six');
  const hasher = createPasswordHasher({ cost: { memoryKib: 128, passes: 1 } });
  expect(await hasher.verify(old, 'tea-at-six', 'here')).toEqual({ isRight: true, isOutdated: true });
});

test('a flood of one asker holds up nobody else, and is what is refused', async () => {
  const hasher = createPasswordHasher({ cost, concurrency: 1 });
  const stored = await hasher.hash('tea-at-six');
  const order: string[] = [];
  const flood = Array.from({ length: 600 }, () =>
    hasher.verify(stored, 'a guess', 'flood').then(
      () => order.push('flood'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(RateLimitedError);
        order.push('refused');
      },
    ),
  );
  const right = await hasher.verify(stored, 'tea-at-six', 'person');
  expect(right.isRight).toBe(true);
  expect(order.filter((one) => one === 'flood').length).toBeLessThan(5);
  await Promise.all(flood);
  expect(order.filter((one) => one === 'refused').length).toBeGreaterThan(90);
});

test('a name that nobody has is answered after a flood of new passwords as before', async () => {
  const hasher = createPasswordHasher({ cost, concurrency: 1 });
  const news = Promise.allSettled(Array.from({ length: 700 }, (_, n) => hasher.hash(`new password ${n}`)));
  await expect(hasher.verify(null, 'a guess', 'here')).resolves.toMatchObject({ isRight: false });
  await news;
  await expect(hasher.verify(null, 'a guess', 'here')).resolves.toMatchObject({ isRight: false });
});

test('a megabyte is no password, and is not made into one', async () => {
  const hasher = createPasswordHasher({ cost });
  const stored = await hasher.hash('\ufdfa'.repeat(2048));
  expect(await hasher.verify(stored, '\ufdfa'.repeat(300_000), 'here')).toMatchObject({ isRight: false });
});
