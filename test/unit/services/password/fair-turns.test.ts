import { expect, test } from 'vitest';
import { createFairTurns, NoTurnError } from '../../../../src/services/password/fair-turns.js';

/** Work that ends when it is told to. */
function aBench(options: { atOnce: number; mostWaiting: number }) {
  const turns = createFairTurns(options);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (lane: string, name: string) =>
    turns.take(lane, () => {
      started.push(name);
      return new Promise<string>((resolve) => ends.push(() => resolve(name)));
    });
  const endNext = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    ends.shift()?.();
  };
  return { ask, started, endNext };
}

test('the first of each lane goes before the second of any', async () => {
  const { ask, started, endNext } = aBench({ atOnce: 1, mostWaiting: 10 });
  const all = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3'), ask('b', 'b1'), ask('c', 'c1'), ask('b', 'b2')];
  for (let n = 0; n < all.length; n++) await endNext();
  await Promise.all(all);
  expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('where no room is left, whoever waits with the most is sent away', async () => {
  const { ask, endNext } = aBench({ atOnce: 1, mostWaiting: 2 });
  const [a1, a2, a3] = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3')];
  const refused = expect(a3).rejects.toBeInstanceOf(NoTurnError);
  const b1 = ask('b', 'b1');
  await refused;
  for (let n = 0; n < 3; n++) await endNext();
  expect(await Promise.all([a1, a2, b1])).toEqual(['a1', 'a2', 'b1']);
});

test('no more runs at once than may, also after work that failed', async () => {
  const turns = createFairTurns({ atOnce: 2, mostWaiting: 100 });
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) =>
      turns.take(String(n % 3), async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (n % 2) throw new Error('failed');
      }),
    ),
  );
  expect(most).toBe(2);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(15);
});
