import { describe, expect, test } from 'vitest';
import { createGradesInPassing } from '../../../src/datasources/grades-in-passing.js';
import type { GradePage, LmsGrade } from '../../../src/datasources/lms/grades.js';
import { unavailable } from '../../../src/datasources/upstream/failure.js';
import { createLogger } from '../../../src/logger.js';

/** Course runs of so many learners, whose pages are counted. */
function aSchool(learners: Record<string, number>) {
  const state = { nowMs: 1_000_000, isDown: false, openScans: 0, mostScans: 0, pages: [] as string[] };
  const grades: LmsGrade[] = [];
  const onGrades = (rows: readonly LmsGrade[]) => grades.push(...rows);
  async function* gradePages(courseKey: string): AsyncGenerator<GradePage> {
    state.openScans += 1;
    state.mostScans = Math.max(state.mostScans, state.openScans);
    try {
      for (let from = 0; from === 0 || from < (learners[courseKey] ?? 0); from += 200) {
        await settle();
        if (state.isDown) throw unavailable('lms', 'timeout');
        state.pages.push(courseKey);
        const count = Math.min(200, (learners[courseKey] ?? 0) - from);
        const rows = Array.from({ length: count }, (_, row) => ({
          username: `learner${from + row}`,
          courseKey,
          percent: 0.5,
          letterGrade: null,
          isPassed: false,
        }));
        const cursor = from + 200 < (learners[courseKey] ?? 0) ? 'next' : undefined;
        yield { rows, odd: [], hasCourse: true, cursor };
      }
    } finally {
      state.openScans -= 1;
    }
  }
  const passing = createGradesInPassing({
    api: { gradePages },
    onGrades,
    clock: () => new Date(state.nowMs),
    logger: createLogger('silent'),
  });
  /** So many learners look at their own grades. */
  const ask = async (courseKey: string, count: number) => {
    for (let asked = 0; asked < count; asked += 1) passing.asked([{ username: `learner${asked}`, courseKey }]);
    for (let turn = 0; turn < 60; turn += 1) await settle();
  };
  return { state, grades, passing, ask };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('grades of a run that many ask for one by one', () => {
  test('the run is read as soon as its single grades have cost as much as it would, and no earlier', async () => {
    const { state, grades, ask } = aSchool({ c1: 750 });
    await ask('c1', 44);
    expect(state.pages).toEqual([]);
    await ask('c1', 1);
    expect(state.pages).toHaveLength(4);
    expect(grades).toHaveLength(750);
  });

  test('how large a run is it learns: a small one is read after few questions the next time', async () => {
    const { state, ask } = aSchool({ c1: 30 });
    await ask('c1', 45);
    expect(state.pages).toHaveLength(1);
    await ask('c1', 11);
    expect(state.pages).toHaveLength(1);
    await ask('c1', 1);
    expect(state.pages).toHaveLength(2);
  });

  test('of a very large one no more is read than twice what its questions have cost', async () => {
    const { state, ask } = aSchool({ c1: 100_000 });
    await ask('c1', 45);
    expect(state.pages).toHaveLength(8);
    await ask('c1', 100);
    expect(state.pages).toHaveLength(8);
  });

  test('questions of the last minute count, no older ones', async () => {
    const { state, ask } = aSchool({ c1: 750 });
    await ask('c1', 44);
    state.nowMs += 60_000;
    await ask('c1', 44);
    expect(state.pages).toEqual([]);
  });

  test('what one request asks of many learners of a run is the planner’s matter', async () => {
    const { state, passing } = aSchool({ c1: 750 });
    passing.asked(Array.from({ length: 250 }, (_, at) => ({ username: `learner${at}`, courseKey: 'c1' })));
    for (let turn = 0; turn < 20; turn += 1) await settle();
    expect(state.pages).toEqual([]);
  });

  test('a few runs at a time, so that those who wait have the LMS’s workers', async () => {
    const { state, passing } = aSchool({ c1: 750, c2: 750, c3: 750, c4: 750 });
    for (const courseKey of ['c1', 'c2', 'c3', 'c4'])
      for (let asked = 0; asked < 45; asked += 1) passing.asked([{ username: `learner${asked}`, courseKey }]);
    for (let turn = 0; turn < 60; turn += 1) await settle();
    expect(state.mostScans).toBe(2);
    expect(state.pages).toHaveLength(16);
  });

  test('a scan that fails harms nobody, and is tried again after as many questions', async () => {
    const { state, grades, ask } = aSchool({ c1: 750 });
    state.isDown = true;
    await ask('c1', 45);
    expect(grades).toEqual([]);
    state.isDown = false;
    await ask('c1', 45);
    expect(grades).toHaveLength(750);
  });
});
