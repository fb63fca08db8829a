import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { KeyedAnswers } from '../../../src/datasources/keyed-answers.js';
import { ReadCache } from '../../../src/datasources/read-cache.js';
import type { CallOptions } from '../../../src/datasources/upstream/call.js';
import { startDeadline } from '../../../src/datasources/upstream/deadline.js';
import { unavailable } from '../../../src/datasources/upstream/failure.js';

const request = { purpose: 'request' } as const;
const timeouts = { tryMs: 3000, requestMs: 8000, jobMs: 60_000 };

/** A source that answers `<key>@<version>`, with levers. */
function aSource() {
  const state = {
    nowMs: 1_000_000,
    version: 1,
    isDown: false,
    none: new Set<string>(),
    reads: [] as { keys: string[]; options: CallOptions }[],
    hold: undefined as Promise<void> | undefined,
  };
  const cache = new ReadCache<string, string | undefined>({
    nameOf: (key) => key.toLowerCase(),
    read: async (keys, options) => {
      state.reads.push({ keys: [...keys], options });
      const { version, isDown, hold } = state;
      await hold;
      if (isDown) throw unavailable('lms', 'unreachable');
      const answers: KeyedAnswers<string | undefined> = new Map();
      for (const key of keys)
        answers.set(key.toLowerCase(), { value: state.none.has(key) ? undefined : `${key.toLowerCase()}@${version}` });
      return answers;
    },
    ttlMs: 60_000,
    negativeTtlMs: 30_000,
    isNegative: (value) => value === undefined,
    upstream: 'lms',
    timeouts,
    clock: () => new Date(state.nowMs),
  });
  const values = async (...keys: string[]) =>
    (await cache.load(keys, request)).map((answer) => ('value' in answer ? answer.value : 'failed'));
  return { state, cache, values };
}

/** Lets promise jobs run; no timer is involved. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('freshness', () => {
  test('a fresh value costs no call; after its time it is answered once more and read again behind', async () => {
    const { state, values } = aSource();
    expect(await values('a', 'b')).toEqual(['a@1', 'b@1']);
    state.version = 2;
    state.nowMs += 60_000;
    expect(await values('a', 'b')).toEqual(['a@1', 'b@1']);
    expect(state.reads).toHaveLength(1);
    state.nowMs += 1;
    expect(await values('a', 'b')).toEqual(['a@1', 'b@1']);
    await settle();
    expect(state.reads[1]).toMatchObject({ keys: ['a', 'b'], options: { purpose: 'refresh' } });
    expect(await values('a')).toEqual(['a@2']);
    expect(state.reads).toHaveLength(2);
  });

  test('a value that is much too old is not answered while the upstream works', async () => {
    const { state, values } = aSource();
    await values('a');
    state.version = 2;
    state.nowMs += 90_001;
    expect(await values('a')).toEqual(['a@2']);
  });

  test('"there is none" is believed for a shorter time, and never beyond it', async () => {
    const { state, values } = aSource();
    state.none.add('a');
    expect(await values('a')).toEqual([undefined]);
    state.none.clear();
    state.nowMs += 30_000;
    expect(await values('a')).toEqual([undefined]);
    state.nowMs += 1;
    expect(await values('a')).toEqual(['a@1']);
  });

  test('letter case does not make another key', async () => {
    const { state, values } = aSource();
    expect(await values('Ann', 'ANN')).toEqual(['ann@1', 'ann@1']);
    expect(state.reads.map((read) => read.keys)).toEqual([['ANN']]);
  });
});

describe('one flight per key', () => {
  test('requests that come while a key is under way wait for it', async () => {
    const { state, values } = aSource();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    const loads = [values('a', 'b'), values('b', 'c'), values('a')];
    resolve();
    expect(await Promise.all(loads)).toEqual([['a@1', 'b@1'], ['b@1', 'c@1'], ['a@1']]);
    expect(state.reads.map((read) => read.keys)).toEqual([['a', 'b'], ['c']]);
  });

  test('calls are at most the distinct keys for each time to live, however often they are wanted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }), { maxLength: 30 }),
        async (rounds) => {
          const { state, values } = aSource();
          await Promise.all(rounds.map((keys) => values(...keys)));
          expect(state.reads.flatMap((read) => read.keys).length).toBe(new Set(rounds.flat()).size);
        },
      ),
      { numRuns: 50 },
    );
  });
});

test('with nine of ten keys repeated no key is read twice within its time to live', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ pick: fc.nat({ max: 9 }), fresh: fc.nat({ max: 200 }), stepMs: fc.nat({ max: 9_000 }) }), {
        minLength: 50,
        maxLength: 200,
      }),
      async (visits) => {
        const { state, cache, values } = aSource();
        const lastRead = new Map<string, number>();
        for (const { pick, fresh, stepMs } of visits) {
          state.nowMs += stepMs;
          const before = state.reads.length;
          await values(pick === 0 ? `rare${fresh}` : `popular${pick}`);
          await settle();
          for (const key of state.reads.slice(before).flatMap((read) => read.keys)) {
            expect(state.nowMs - (lastRead.get(key) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(60_000);
            lastRead.set(key, state.nowMs);
          }
        }
        expect(cache.lastKnown('never')).toBeUndefined();
      },
    ),
    { numRuns: 50 },
  );
});

describe('when the upstream fails', () => {
  test('a value seen before is answered with its age and the reason; a key never seen has the error', async () => {
    const { state, cache, values } = aSource();
    await values('a');
    const seenAt = new Date(state.nowMs);
    state.isDown = true;
    state.nowMs += 3_600_000;
    const failingSince = new Date(state.nowMs);
    const [old, unknown] = await cache.load(['a', 'b'], request);
    expect(old).toMatchObject({
      value: 'a@1',
      asOf: seenAt,
      trouble: { error: { why: 'unreachable' }, since: failingSince },
    });
    expect(unknown).toMatchObject({ trouble: { error: { why: 'unreachable' } } });
    expect(unknown).not.toHaveProperty('value');
    state.isDown = false;
    expect(await values('a', 'b')).toEqual(['a@1', 'b@1']);
  });

  test('after a day a value is no longer good enough for an outage', async () => {
    const { state, values } = aSource();
    await values('a');
    state.isDown = true;
    state.nowMs += 24 * 3_600_000 + 1;
    expect(await values('a')).toEqual(['failed']);
  });

  test('a caller waits no longer than its deadline, and the read goes on for the others', async () => {
    const { state, cache, values } = aSource();
    await values('a');
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    state.version = 2;
    cache.invalidate('a');
    const deadline = startDeadline('request', { ...timeouts, requestMs: 20 });
    expect(await cache.load(['a'], { purpose: 'request', deadline })).toMatchObject([
      { value: 'a@1', trouble: { error: { why: 'timeout' } } },
    ]);
    const patient = values('a');
    resolve();
    expect(await patient).toEqual(['a@2']);
    expect(state.reads).toHaveLength(2);
  });

  test('a read has its full time, and the place in line of whoever asked for it', async () => {
    const { state, cache } = aSource();
    const deadline = startDeadline('request', { ...timeouts, requestMs: 20 }, performance.now() - 300);
    await cache.load(['a'], { purpose: 'request', deadline });
    const [{ options } = { options: undefined }] = state.reads;
    expect(options?.deadline?.since).toBe(deadline.since);
    expect(options?.deadline?.remainingMs()).toBeGreaterThan(timeouts.requestMs / 2);
  });

  test('with something to fall back on a caller keeps half of its time for what else it wants', async () => {
    const { state, cache, values } = aSource();
    await values('a');
    state.hold = new Promise(() => {});
    cache.invalidate('a');
    const deadline = startDeadline('request', { ...timeouts, requestMs: 400 });
    expect(await cache.load(['a'], { purpose: 'request', deadline })).toMatchObject([
      { value: 'a@1', trouble: { error: { why: 'timeout' } } },
    ]);
    expect(deadline.remainingMs()).toBeGreaterThan(0);
  });

  test('an error for one key is not an error for the others', async () => {
    const cache = new ReadCache<string, string>({
      nameOf: String,
      read: async (keys) =>
        new Map(keys.map((key) => [key, key === 'bad' ? { error: unavailable('lms', 'timeout') } : { value: key }])),
      ttlMs: 1,
      negativeTtlMs: 1,
      isNegative: () => false,
      upstream: 'lms',
      timeouts,
      clock: () => new Date(0),
    });
    const answers = await cache.load(['good', 'bad'], request);
    expect(answers[0]).toMatchObject({ value: 'good' });
    expect(answers[1]).toMatchObject({ trouble: { error: { why: 'timeout' } } });
  });
});

describe('invalidation', () => {
  test('the next read goes out; in an outage the old value still stands in, marked', async () => {
    const { state, cache, values } = aSource();
    await values('a', 'b');
    state.version = 2;
    cache.invalidate('A');
    expect(await values('a', 'b')).toEqual(['a@2', 'b@1']);
    cache.invalidate('a');
    state.isDown = true;
    expect(await cache.load(['a'], request)).toMatchObject([
      { value: 'a@2', trouble: { error: { why: 'unreachable' } } },
    ]);
  });

  test('a read that was under way may carry the old state: nobody who comes later gets it', async () => {
    const { state, cache, values } = aSource();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    const before = values('a');
    state.version = 2;
    cache.invalidate('a');
    state.hold = undefined;
    expect(await values('a')).toEqual(['a@2']);
    resolve();
    expect(await before).toEqual(['a@1']);
    expect(await values('a')).toEqual(['a@2']);
  });

  test('invalidateAll drops everything at once', async () => {
    const { state, cache, values } = aSource();
    await values('a', 'b');
    state.version = 2;
    cache.invalidateAll();
    expect(await values('a', 'b')).toEqual(['a@2', 'b@2']);
  });
});

test('nobody can change a value that others share', async () => {
  const cache = new ReadCache<string, { rows: string[] }[]>({
    nameOf: String,
    read: async (keys) => new Map(keys.map((key) => [key, { value: [{ rows: [key] }] }])),
    ttlMs: 1000,
    negativeTtlMs: 1000,
    isNegative: () => false,
    upstream: 'lms',
    timeouts,
    clock: () => new Date(0),
  });
  const [answer] = await cache.load(['a'], request);
  const value = answer && 'value' in answer ? answer.value : [];
  expect(() => value.push({ rows: [] })).toThrow(TypeError);
  expect(() => value[0]?.rows.push('x')).toThrow(TypeError);
});

test('whoever can fall back on something waits for half of the time, others for all of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { state, cache, values } = aSource();
  await values('known');
  cache.invalidate('known');
  state.hold = new Promise(() => {});
  const deadline = { since: 0, tryMs: 1000, remainingMs: () => 1000 };
  const answered: string[] = [];
  for (const key of ['known', 'unknown'])
    void cache.load([key], { ...request, deadline }).then(([answer]) => {
      answered.push(`${key}: ${answer && 'value' in answer ? answer.value : 'failed'}`);
    });
  await vi.advanceTimersByTimeAsync(499);
  expect(answered).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(answered).toEqual(['known: known@1']);
  await vi.advanceTimersByTimeAsync(499);
  expect(answered).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(answered).toEqual(['known: known@1', 'unknown: failed']);
});
