import { expect, test } from 'vitest';
import type { Change } from '../../../src/changes/change.js';
import { createFreshCache, type Fact } from '../../../src/changes/fresh-cache.js';

const begin = new Date('2026-11-25T06:00:00Z').getTime();

/** A cache of one second on a feed and a clock that the test moves; what is read is counted. */
function aCache() {
  const listeners = new Set<(change: Change) => void>();
  const state = { connection: Symbol('first') as symbol | undefined, now: begin, reads: 0 };
  const cache = createFreshCache<number>({
    changes: {
      connection: () => state.connection,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock: () => new Date(state.now),
    ttlMs: 1000,
    max: 2,
  });
  const say = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  const get = (key = 'key', { facts = ['account:a'] as Fact[], endsAt }: { facts?: Fact[]; endsAt?: Date } = {}) =>
    cache.get(key, async () => ({ value: ++state.reads, facts, endsAt }));
  return { state, cache, say, get };
}

test('what was read is kept, for as long as it may be', async () => {
  const { state, get } = aCache();
  expect([await get(), await get()]).toEqual([1, 1]);
  state.now += 999;
  expect(await get()).toBe(1);
  state.now += 1;
  expect(await get()).toBe(2);
});

test('nothing is kept beyond its own end', async () => {
  const { state, get } = aCache();
  const endsAt = new Date(begin + 500);
  await get('key', { endsAt });
  state.now += 499;
  expect(await get('key', { endsAt })).toBe(1);
  state.now += 1;
  expect(await get('key', { endsAt })).toBe(2);
});

test('what rests on something unknown is never kept', async () => {
  const { cache, get } = aCache();
  expect(await cache.get('key', async () => ({ value: 0, facts: 'unknown' }))).toBe(0);
  expect(await get()).toBe(1);
});

test('that there is nothing is never kept', async () => {
  const { cache, get } = aCache();
  expect(await cache.get('key', async () => undefined)).toBeUndefined();
  expect(await get()).toBe(1);
});

test.each<[Change, boolean]>([
  [{ topic: 'account', accountId: 'a' }, true],
  [{ topic: 'account', accountId: 'b' }, false],
  [{ topic: 'oauth-client', clientId: 'c' }, true],
  [{ topic: 'access', ended: ['grant:g'] }, true],
  [{ topic: 'access', ended: ['token:other', 'session:s'] }, true],
  [{ topic: 'access', ended: ['grant:other'] }, false],
  [{ topic: 'access', ended: 'many' }, true],
  [{ topic: 'signing-keys' }, true],
  [{ topic: 'course-runs' }, false],
])('a change ends what rests on it, and nothing else: %j', async (change, isEnded) => {
  const { say, get } = aCache();
  const facts: Fact[] = ['account:a', 'client:c', 'grant:g', 'session:s', 'token:t'];
  await get('key', { facts });
  say(change);
  expect(await get('key', { facts })).toBe(isEnded ? 2 : 1);
});

test('a change that comes while something is read keeps that from being kept', async () => {
  const { cache, say, get } = aCache();
  const read = Promise.withResolvers<void>();
  const first = cache.get('key', async () => {
    await read.promise;
    return { value: 0, facts: ['account:a'] };
  });
  say({ topic: 'account', accountId: 'a' });
  read.resolve();
  expect(await first).toBe(0);
  expect(await get()).toBe(1);
});

test('without the feed nothing is kept, and nothing that was kept is answered', async () => {
  const { state, get } = aCache();
  await get();
  state.connection = undefined;
  expect([await get(), await get()]).toEqual([2, 3]);
  state.connection = Symbol('second');
  expect([await get(), await get()]).toEqual([4, 4]);
});

test('what was read under one connection is not kept under the next', async () => {
  const { state, cache, get } = aCache();
  await cache.get('key', async () => {
    state.connection = Symbol('second');
    return { value: 0, facts: [] };
  });
  expect(await get()).toBe(1);
});

test('what was used longest ago goes first', async () => {
  const { get } = aCache();
  await get('a');
  await get('b');
  await get('a');
  await get('c');
  expect(await get('a')).toBe(1);
  expect(await get('b')).toBe(4);
});
