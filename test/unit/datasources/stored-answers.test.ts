import { describe, expect, test } from 'vitest';
import {
  type AnswerStore,
  type AnswerToKeep,
  decodeAnswer,
  encodeAnswer,
  type StoredAnswer,
} from '../../../src/datasources/answer-store.js';
import { ReadCache } from '../../../src/datasources/read-cache.js';
import { unavailable } from '../../../src/datasources/upstream/failure.js';

const request = { purpose: 'request' } as const;
const minute = 60_000;

/** Two processes with one store; the upstream answers `<key>@<version>`. */
function twoProcesses() {
  const state = { nowMs: 1_000_000_000, version: 1, isDown: false, reads: [] as string[], purposes: [] as string[] };
  const rows = new Map<string, StoredAnswer>();
  const kept: AnswerToKeep[] = [];
  const store: AnswerStore = {
    find: async (wanted) => new Map([...rows].filter(([name]) => wanted.some((key) => key.name === name))),
    keep(answer) {
      kept.push(answer);
      rows.set(answer.name, { value: answer.value, asOf: answer.asOf, isOutdated: false });
    },
    outdate({ name }) {
      const row = rows.get(name);
      if (row) rows.set(name, { ...row, isOutdated: true });
    },
    forget: ({ name }) => rows.delete(name),
  };
  const process = () =>
    new ReadCache<string, string | undefined>({
      nameOf: (key) => `lms ${key}`,
      ownerOf: (key) => key,
      read: async (keys, options) => {
        state.reads.push(...keys);
        state.purposes.push(options.purpose);
        if (state.isDown) throw unavailable('lms', 'unreachable');
        return new Map(
          keys.map((key) => [`lms ${key}`, { value: key === 'none' ? undefined : `${key}@${state.version}` }]),
        );
      },
      ttlMs: minute,
      negativeTtlMs: minute / 2,
      answerMs: 10 * minute,
      isNegative: (value) => value === undefined,
      store,
      upstream: 'lms',
      timeouts: { tryMs: 3000, requestMs: 8000, jobMs: 60_000 },
      clock: () => new Date(state.nowMs),
    });
  const [one, two] = [process(), process()];
  const load = async (cache: typeof one, ...keys: string[]) =>
    (await cache.load(keys, request)).map((answer) => ('value' in answer ? answer.value : 'failed'));
  return { state, rows, kept, one, two, load };
}

/** Lets what goes on behind come to its end; no timer is involved. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('answers that are kept beyond the process', () => {
  test('what one process has read costs the other no call, and keeps its age', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    state.nowMs += 1000;
    expect(await two.load(['ann'], request)).toEqual([{ value: 'ann@1', asOf: new Date(1_000_000_000) }]);
    expect(state.reads).toEqual(['ann']);
  });

  test('only what is not there is asked for, and does not hold up the rest', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    expect(await load(two, 'ann', 'bob')).toEqual(['ann@1', 'bob@1']);
    expect(state.reads).toEqual(['ann', 'bob']);
  });

  test('one that is no longer fresh is answered at once and read again behind', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    await settle();
    state.nowMs += 5 * minute;
    state.version = 2;
    expect(await load(two, 'ann')).toEqual(['ann@1']);
    await settle();
    expect(state.reads).toEqual(['ann', 'ann']);
    expect(state.purposes).toEqual(['request', 'refresh']);
    expect(await load(two, 'ann')).toEqual(['ann@2']);
  });

  test('one that is too old is not answered while the upstream works, and stands in with its age when it does not', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    state.nowMs += 11 * minute;
    state.isDown = true;
    expect(await two.load(['ann'], request)).toMatchObject([
      { value: 'ann@1', asOf: new Date(1_000_000_000), trouble: { error: { why: 'unreachable' } } },
    ]);
    state.isDown = false;
    state.version = 2;
    expect(await load(two, 'ann')).toEqual(['ann@2']);
  });

  test('"there is none" is believed for its own short time only', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'none');
    expect(await load(two, 'none')).toEqual([undefined]);
    expect(state.reads).toEqual(['none']);
    const later = twoProcesses();
    await later.load(later.one, 'none');
    later.state.nowMs += minute;
    await later.load(later.two, 'none');
    expect(later.state.reads).toEqual(['none', 'none']);
  });

  test('after an invalidation nobody believes it, not even before the mark is written', async () => {
    const { state, rows, one, two, load } = twoProcesses();
    await load(one, 'ann');
    const before = new Map(rows);
    state.nowMs += 1000;
    two.invalidate('ann');
    expect(rows.get('lms ann')).toMatchObject({ isOutdated: true });
    for (const [name, row] of before) rows.set(name, row);
    state.version = 2;
    expect(await load(two, 'ann')).toEqual(['ann@2']);
  });

  test('after a gap in which changes may have been missed, nothing older is believed', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    two.invalidateAll();
    state.version = 2;
    state.nowMs += 1;
    expect(await load(two, 'ann')).toEqual(['ann@2']);
  });

  test('what is forgotten is not even good for an outage', async () => {
    const { state, one, two, load } = twoProcesses();
    await load(one, 'ann');
    one.forget('ann');
    state.isDown = true;
    expect(await load(two, 'ann')).toEqual(['failed']);
  });

  test('each answer bears the name of its owner, so that it goes with the person', async () => {
    const { kept, one, load } = twoProcesses();
    await load(one, 'ann');
    expect(kept).toMatchObject([{ name: 'lms ann', owner: 'ann', ttlMs: minute }]);
  });
});

describe('answers that were read in passing', () => {
  test('whoever wants them next needs no call', async () => {
    const { state, one, two, load } = twoProcesses();
    one.prime('ann', 'ann@scan', new Date(state.nowMs));
    expect(await load(one, 'ann')).toEqual(['ann@scan']);
    expect(await load(two, 'ann')).toEqual(['ann@scan']);
    expect(state.reads).toEqual([]);
  });

  test('they never replace what was read later, or has changed since', async () => {
    const { state, one, load } = twoProcesses();
    const scanBegan = new Date(state.nowMs);
    state.nowMs += 1000;
    await load(one, 'ann');
    one.invalidate('bob');
    one.prime('ann', 'ann@scan', scanBegan);
    one.prime('bob', 'bob@scan', scanBegan);
    expect(await load(one, 'ann', 'bob')).toEqual(['ann@1', 'bob@1']);
  });
});

test('dates, texts that look like them, and "there is none" come back as they were', () => {
  const answers = [
    undefined,
    null,
    [],
    { at: new Date('2026-11-25T18:00:00.123Z'), text: '2026-11-25T18:00:00.123Z', none: null },
    [{ createdAt: null, nested: { at: [new Date(0)] } }],
  ];
  for (const answer of answers) expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
});
