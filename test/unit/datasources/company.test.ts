import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { companyMs, createCompany } from '../../../src/datasources/company.js';
import type { CallOptions } from '../../../src/datasources/upstream/call.js';

const viewer: CallOptions = { purpose: 'request', priority: 'viewer' };
const behind: CallOptions = { purpose: 'refresh', priority: 'bulk' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Readers in the company of each other; each learner has five rows. */
function aCompany() {
  const state = { scarcity: 0, isDown: false };
  const calls: { keys: readonly string[]; options: CallOptions }[] = [];
  const read = createCompany<string, string[]>({
    nameOf: (key) => key.toLowerCase(),
    read: async (keys, options) => {
      calls.push({ keys, options });
      if (state.isDown) throw new Error('down');
      return new Map(keys.map((key) => [key.toLowerCase(), { value: Array<string>(5).fill(key) }]));
    },
    scarcity: () => state.scarcity,
    maxKeys: 100,
    pageRows: 100,
    rowsOf: (rows) => rows.length,
  });
  /** Others have come a moment ago, so that company is likely. */
  const rush = async () => {
    for (const name of ['a', 'b', 'c', 'd']) await read([name], viewer);
    calls.length = 0;
  };
  return { state, calls, read, rush };
}

test('the wait grows from nothing to a second as the budget gets scarce', () => {
  expect([0, 0.02, 0.05].map(companyMs)).toEqual([0, 0, 0]);
  expect(companyMs(0.25)).toBe(500);
  expect([0.45, 0.9, 1].map(companyMs)).toEqual([1000, 1000, 1000]);
});

describe('while calls are plentiful', () => {
  test('every read goes out at once', async () => {
    const { calls, read } = aCompany();
    await Promise.all([read(['ann'], viewer), read(['bob'], viewer)]);
    expect(calls.map(({ keys }) => keys)).toEqual([['ann'], ['bob']]);
  });
});

describe('while calls are scarce', () => {
  test('who is alone does not wait: nobody would come', async () => {
    const { state, calls, read } = aCompany();
    state.scarcity = 1;
    await read(['ann'], viewer);
    expect(calls.map(({ keys }) => keys)).toEqual([['ann']]);
  });

  test('learners of many requests travel in one call, each named once', async () => {
    const { state, calls, read, rush } = aCompany();
    await rush();
    state.scarcity = 1;
    const reads = [read(['ann'], viewer), read(['bob'], viewer), read(['ANN'], viewer)];
    await vi.advanceTimersByTimeAsync(999);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls.map(({ keys }) => keys)).toEqual([['ANN', 'bob']]);
    expect((await reads[1])?.get('bob')).toMatchObject({ value: { length: 5 } });
  });

  test('a call leaves as soon as its page is full: further company would need a further call', async () => {
    const { state, calls, read, rush } = aCompany();
    await rush();
    state.scarcity = 1;
    const reads = Array.from({ length: 45 }, (_, number) => read([`learner${number}`], viewer));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.map(({ keys }) => keys.length)).toEqual([19, 19]);
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all(reads);
    expect(calls.map(({ keys }) => keys.length)).toEqual([19, 19, 7]);
  });

  test('a read that fills a page by itself waits for nobody', async () => {
    const { state, calls, read, rush } = aCompany();
    await rush();
    state.scarcity = 1;
    await read(
      Array.from({ length: 40 }, (_, number) => `learner${number}`),
      viewer,
    );
    expect(calls[0]?.keys).toHaveLength(40);
  });

  test('who waits takes along who does not: the call is as important as its most important reader', async () => {
    const { state, calls, read, rush } = aCompany();
    await rush();
    state.scarcity = 0.5;
    const reads = [read(['ann'], behind), read(['bob'], viewer)];
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all(reads);
    expect(calls[0]?.options).toMatchObject({ purpose: 'request', priority: 'viewer' });
  });

  test('a call that fails fails for all who travelled in it, and for nobody who comes later', async () => {
    const { state, read, rush } = aCompany();
    await rush();
    state.scarcity = 1;
    state.isDown = true;
    const reads = Promise.allSettled([read(['ann'], viewer), read(['bob'], viewer)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await reads).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    state.isDown = false;
    const later = read(['ann'], viewer);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await later).get('ann')).toMatchObject({ value: { length: 5 } });
  });
});
