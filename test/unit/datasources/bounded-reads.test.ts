import { BulkheadRejectedError, TaskCancelledError } from 'cockatiel';
import { expect, test } from 'vitest';
import { createBoundedRead } from '../../../src/datasources/report-folder/bounded-reads.js';

const never = () => new Promise<never>(() => {});

test('who reads where nothing answers is told so, and keeps no more than some from reading', async () => {
  const bounded = createBoundedRead({ most: 2, mostWaiting: 1, patienceMs: 20 });
  const begun: AbortSignal[] = [];
  const hang = (signal: AbortSignal) => {
    begun.push(signal);
    return never();
  };
  const answers = await Promise.allSettled([bounded(hang), bounded(hang), bounded(hang), bounded(hang)]);
  const errors = answers.map((answer) => answer.status === 'rejected' && answer.reason.constructor);
  expect(errors).toEqual([TaskCancelledError, TaskCancelledError, TaskCancelledError, BulkheadRejectedError]);
  expect(begun.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('who waits has their turn when another ends', async () => {
  const bounded = createBoundedRead({ most: 1, mostWaiting: 5, patienceMs: 60_000 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const reads = [
    bounded(() => promise),
    bounded(async () => 'second'),
    bounded(async () => Promise.reject(new Error('no'))),
  ];
  resolve('first');
  expect(await Promise.allSettled(reads)).toMatchObject([
    { value: 'first' },
    { value: 'second' },
    { reason: { message: 'no' } },
  ]);
});
