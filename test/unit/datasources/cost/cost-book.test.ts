import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createCostBook } from '../../../../src/datasources/cost/cost-book.js';
import { createLanes } from '../../../../src/datasources/cost/lanes.js';
import { createPlanTrace, joinTraces } from '../../../../src/datasources/cost/plan-trace.js';
import { createLogger } from '../../../../src/logger.js';

const options = { purpose: 'request' } as const;
const planned = { plan: 'grades', wanted: 3, steps: { 'grade.read': 3 }, estimateMs: 31 };

test('a plan is recorded with its estimate, its calls, tries that failed included, and its time', async () => {
  const trace = createPlanTrace();
  const book = createCostBook(createLogger('silent'));
  await book.follow(
    planned,
    async (call) => {
      for (const ms of [5, 7]) call.onExchange?.(ms);
    },
    { ...options, trace },
  );
  expect(trace.records()).toEqual([{ ...planned, calls: 2, actualMs: expect.any(Number) }]);
});

test('a plan that fails is recorded too', async () => {
  const trace = createPlanTrace();
  const book = createCostBook(createLogger('silent'));
  const failing = book.follow(planned, () => Promise.reject(new Error('no')), { ...options, trace });
  await expect(failing).rejects.toThrow('no');
  expect(trace.records()).toHaveLength(1);
});

test('the exchange of the answer teaches the price; a call that fails teaches nothing', async () => {
  const book = createCostBook(createLogger('silent'));
  const before = book.costOf('grade.read').callMs;
  const fail = async (call: { onExchange?: ((ms: number) => void) | undefined }) => {
    call.onExchange?.(900);
    throw new Error('no');
  };
  const failing = book.measure('grade.read', fail, () => 1, options);
  await expect(failing).rejects.toThrow();
  expect(book.costOf('grade.read').callMs).toBe(before);
  const slow = async (call: { onExchange?: ((ms: number) => void) | undefined }) => {
    expect(book.callsUnderWay()).toBe(1);
    call.onExchange?.(9000);
    call.onExchange?.(before * 2);
  };
  await book.measure('grade.read', slow, () => 1, options);
  expect(book.costOf('grade.read').callMs).toBeGreaterThan(before);
  expect(book.costOf('grade.read').callMs).toBeLessThan(before * 2);
  expect(book.callsUnderWay()).toBe(0);
});

test('a read that several requests share is in the trace of each, once', () => {
  const [one, other] = [createPlanTrace(), createPlanTrace()];
  joinTraces([one, undefined, other, one])?.add({ ...planned, calls: 1, actualMs: 1 });
  expect([one.records().length, other.records().length]).toEqual([1, 1]);
  expect(joinTraces([undefined])).toBeUndefined();
});

test('no more calls run at a time than there are lanes, and calls that others wait for go first', async () => {
  const lanes = createLanes(2);
  const started: string[] = [];
  const gates = new Map<string, () => void>();
  const call = (name: string, isInChain = false) =>
    lanes(() => {
      started.push(name);
      return new Promise<void>((resolve) => gates.set(name, resolve));
    }, isInChain);
  const all = [call('a'), call('b'), call('c'), call('d'), call('page 2', true)];
  expect(started).toEqual(['a', 'b']);
  gates.get('a')?.();
  await setImmediate();
  expect(started).toEqual(['a', 'b', 'page 2']);
  for (const name of ['b', 'page 2']) gates.get(name)?.();
  await setImmediate();
  expect(started).toEqual(['a', 'b', 'page 2', 'c', 'd']);
  for (const name of ['c', 'd']) gates.get(name)?.();
  await Promise.all(all);
});
