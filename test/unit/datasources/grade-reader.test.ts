import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCostBook } from '../../../src/datasources/cost/cost-book.js';
import { createGradeReader, gradeKeyOf } from '../../../src/datasources/grade/grade-reader.js';
import type { GradeReads } from '../../../src/datasources/lms/grades.js';
import { createLogger } from '../../../src/logger.js';

const options = { purpose: 'request' } as const;
const aCostBook = () => createCostBook(createLogger('silent'));

interface Learner {
  username: string;
  courseKey: string;
  percent: number;
  /** A scan sees active learners only. */
  isActive: boolean;
  /** The LMS leaves out rows whose grading fails; asked singly, it answers 500. */
  isBroken?: boolean;
}

class FakeGrades implements GradeReads {
  readonly singles: string[] = [];
  readonly pages: string[] = [];
  constructor(private readonly learners: readonly Learner[]) {}

  async gradesOf(courseKey: string, username: string) {
    this.singles.push(`${username} ${courseKey}`);
    const learner = this.learners.find(
      (each) => each.courseKey === courseKey && each.username.toLowerCase() === username.toLowerCase(),
    );
    if (learner?.isBroken) throw new Error('500');
    return learner && toGrade(learner);
  }

  async gradePage(courseKey: string, { size, cursor }: { size: number; cursor: string | undefined }) {
    this.pages.push(courseKey);
    const active = this.learners.filter((each) => each.courseKey === courseKey && each.isActive);
    const from = Number(cursor ?? 0);
    const next = from + size < active.length ? String(from + size) : undefined;
    const rows = active.slice(from, from + size).filter((each) => !each.isBroken);
    return { rows: rows.map(toGrade), odd: [], hasCourse: true, cursor: next };
  }
}

function toGrade({ username, courseKey, percent }: Learner) {
  return { username, courseKey, percent, letterGrade: null, isPassed: percent >= 0.5 };
}

const population = (courseKey: string, count: number): Learner[] =>
  Array.from({ length: count }, (_, index) => ({
    username: `u${index}`,
    courseKey,
    percent: index / count,
    isActive: true,
  }));

describe('exact grades', () => {
  const aLearner = fc.record({
    username: fc.integer({ min: 0, max: 400 }).map((number) => `u${number}`),
    courseKey: fc.constantFrom('c1', 'c2', 'c3'),
    percent: fc.double({ min: 0, max: 1.1, noNaN: true }),
    isActive: fc.boolean(),
  });
  const aKey = fc.record({
    username: fc.integer({ min: 0, max: 400 }).map((number) => `U${number}`),
    courseKey: fc.constantFrom('c1', 'c2', 'c3'),
  });

  test('every key gets what a single read would give: scans never lose an inactive learner nor invent one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(aLearner, { selector: gradeKeyOf, maxLength: 700 }),
        fc.array(fc.uniqueArray(aKey, { selector: gradeKeyOf, minLength: 1, maxLength: 60 }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (learners, rounds) => {
          const reader = createGradeReader(new FakeGrades(learners), aCostBook());
          // Later rounds know the sizes that earlier ones learned.
          for (const keys of rounds) {
            const answers = await reader.readGrades(keys, options);
            for (const key of keys) {
              const learner = learners.find((each) => gradeKeyOf(each) === gradeKeyOf(key));
              expect(answers.get(gradeKeyOf(key))).toEqual({ value: learner && toGrade(learner) });
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a page of 200 learners of a run of unknown size costs its pages, not 200 reads', async () => {
    const lms = new FakeGrades(population('c1', 250));
    const keys = population('c1', 250)
      .slice(50)
      .map(({ username, courseKey }) => ({ username, courseKey }));
    await createGradeReader(lms, aCostBook()).readGrades(keys, options);
    expect(lms.pages).toHaveLength(2);
    expect(lms.singles).toEqual([]);
  });

  test('few learners are read singly, without a scan', async () => {
    const lms = new FakeGrades(population('c1', 50));
    const keys = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8'].map((username) => ({ username, courseKey: 'c1' }));
    await createGradeReader(lms, aCostBook()).readGrades(keys, options);
    expect(lms.singles).toHaveLength(8);
    expect(lms.pages).toEqual([]);
  });

  test('a large run of unknown size is given up after its first page, and scanned no more for so few', async () => {
    const lms = new FakeGrades(population('c1', 20_000));
    const last = Array.from({ length: 90 }, (_, index) => `u${19_900 + index}`);
    const reader = createGradeReader(lms, aCostBook());
    const keys = last.map((username) => ({ username, courseKey: 'c1' }));
    await reader.readGrades(keys, options);
    expect(lms.pages).toHaveLength(1);
    expect(lms.singles).toHaveLength(90);
    await reader.readGrades(keys, options);
    expect(lms.pages).toHaveLength(1);
    expect(lms.singles).toHaveLength(180);
  });

  test('a learner whose grading fails has an error of their own, and the others have their grades', async () => {
    const learners = population('c1', 6).map((learner, index) => ({ ...learner, isBroken: index === 2 }));
    const keys = learners.map(({ username, courseKey }) => ({ username, courseKey }));
    const answers = await createGradeReader(new FakeGrades(learners), aCostBook()).readGrades(keys, options);
    const failed = keys.filter((key) => 'error' in (answers.get(gradeKeyOf(key)) ?? {}));
    expect(failed).toEqual([keys[2]]);
    expect(answers.size).toBe(6);
  });
});
