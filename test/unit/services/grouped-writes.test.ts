import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { DatabaseUnavailableError } from '../../../src/errors.js';
import { createGroupedWrites } from '../../../src/services/grouped-writes.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Writes that the test lets happen one after the other. */
function aWriter(refuse: (item: number) => Error | undefined = () => undefined, lanes = 1) {
  const groups: (readonly number[])[] = [];
  const gates: (() => void)[] = [];
  const write = createGroupedWrites<number>({
    lanes,
    mostAtOnce: 3,
    write: async (items) => {
      groups.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      for (const item of items) {
        const error = refuse(item);
        if (error) throw error;
      }
    },
  });
  const letGo = async () => {
    await nextTurn();
    gates.shift()?.();
    await nextTurn();
  };
  return { write, groups, letGo };
}

test('what comes while a write is under way is together in the next, up to a limit', async () => {
  const { write, groups, letGo } = aWriter();
  const first = write(1);
  await nextTurn();
  const rest = [2, 3, 4, 5].map((item) => write(item));
  await letGo();
  await first;
  await letGo();
  await letGo();
  await Promise.all(rest);
  expect(groups).toEqual([[1], [2, 3, 4], [5]]);
});

test('what comes in the same turn of the event loop is one write', async () => {
  const { write, groups, letGo } = aWriter();
  const first = write(1);
  await Promise.resolve();
  const second = write(2);
  await letGo();
  await Promise.all([first, second]);
  expect(groups).toEqual([[1, 2]]);
});

test('one that cannot be written takes no other with it', async () => {
  const { write, letGo } = aWriter((item) => (item === 2 ? new Error('no') : undefined));
  const results = Promise.allSettled([1, 2, 3].map((item) => write(item)));
  for (let turn = 0; turn < 4; turn++) await letGo();
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('when the database is away all are told so at once', async () => {
  const { write, groups, letGo } = aWriter(() => new DatabaseUnavailableError());
  const results = Promise.allSettled([1, 2].map((item) => write(item)));
  await letGo();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(groups).toHaveLength(1);
});

test('two writes are under way at a time, and a third begins only beside long ones', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { write, groups, letGo } = aWriter(undefined, 4);
  const writeSoon = async (item: number) => {
    const written = write(item);
    await nextTurn();
    return { written };
  };
  const begun = [await writeSoon(1), await writeSoon(2), await writeSoon(3)];
  expect(groups).toEqual([[1], [2]]);
  vi.advanceTimersByTime(11);
  begun.push(await writeSoon(4));
  expect(groups).toEqual([[1], [2], [3, 4]]);
  for (let turn = 0; turn < 3; turn++) await letGo();
  await Promise.all(begun.map(({ written }) => written));
});

test('more than one write could take along begins another', async () => {
  const { write, groups, letGo } = aWriter(undefined, 4);
  const first = [write(1)];
  await nextTurn();
  first.push(write(2));
  await nextTurn();
  const rest = [3, 4, 5, 6].map((item) => write(item));
  await nextTurn();
  expect(groups).toEqual([[1], [2], [3, 4, 5]]);
  for (let turn = 0; turn < 4; turn++) await letGo();
  await Promise.all([...first, ...rest]);
  expect(groups.at(-1)).toEqual([6]);
});
