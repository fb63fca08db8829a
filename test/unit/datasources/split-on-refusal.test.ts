import { describe, expect, test } from 'vitest';
import { readSplitting } from '../../../src/datasources/split-on-refusal.js';
import { unavailable } from '../../../src/datasources/upstream/failure.js';
import { UpstreamRejectedError } from '../../../src/errors.js';

const rules = { blamesKey: () => false, readBlamed: async () => [] as string[] };
const shortNames = Array.from({ length: 8 }, (_, index) => `u${index}`);
const longNames = Array.from({ length: 80 }, (_, index) => `a_rather_long_username_${index}`);

/** Reads lists of at most `most` names, and fails for longer ones. */
async function readWith(names: string[], most: number, error: Error) {
  const lengths: number[] = [];
  const parts = await readSplitting(
    names,
    async (keys) => {
      lengths.push(keys.length);
      if (keys.length > most) throw error;
      return [...keys];
    },
    rules,
  );
  return { lengths, parts };
}

const refusedWith = (status: number, body?: unknown) =>
  new UpstreamRejectedError('no', { upstream: 'lms', status, body });

describe('lists that an LMS does not take', () => {
  test.each([
    ['414', refusedWith(414)],
    ['431', refusedWith(431)],
    ['a 400 that is no JSON', refusedWith(400)],
  ])('%s: halved until they pass', async (_name, error) => {
    const { lengths, parts } = await readWith(shortNames, 2, error);
    expect(lengths.toSorted()).toEqual([2, 2, 2, 2, 4, 4, 8]);
    expect(parts.flatMap((part) => ('value' in part ? part.value : []))).toEqual(shortNames);
  });

  test.each([
    [
      'a reset',
      unavailable('lms', 'unreachable', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }),
    ],
    ['a 502', unavailable('lms', 'server-error', { status: 502 })],
  ])('%s of a long list: halved once, since the list may not be the reason', async (_name, error) => {
    const { lengths, parts } = await readWith(longNames, 40, error);
    expect(lengths).toEqual([80, 40, 40]);
    expect(parts.every((part) => 'value' in part)).toBe(true);
    expect((await readWith(longNames, 1, error)).lengths).toEqual([80, 40, 40]);
    expect((await readWith(shortNames, 1, error)).lengths).toEqual([8]);
  });

  test.each([
    [
      'an LMS that is not there',
      unavailable('lms', 'unreachable', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) }),
    ],
    ['a timeout', unavailable('lms', 'timeout')],
    ['a JSON refusal', refusedWith(400, { detail: 'no' })],
  ])('%s: an error for every key, and no more calls', async (_name, error) => {
    const { lengths, parts } = await readWith(longNames, 1, error);
    expect(lengths).toEqual([80]);
    expect(parts).toEqual([{ keys: longNames, error }]);
  });

  test('one half may fail while the other is read', async () => {
    const parts = await readSplitting(
      shortNames,
      async (keys) => {
        if (keys.length > 4) throw refusedWith(414);
        if (keys.includes('u0')) throw unavailable('lms', 'timeout');
        return [...keys];
      },
      rules,
    );
    expect(parts).toMatchObject([
      { keys: ['u0', 'u1', 'u2', 'u3'], error: { why: 'timeout' } },
      { value: ['u4', 'u5', 'u6', 'u7'] },
    ]);
  });
});
