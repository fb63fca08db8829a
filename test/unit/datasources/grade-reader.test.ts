import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGradeReader, gradeKeyOf } from '../../../src/datasources/grade/grade-reader.js';
import { planGrades } from '../../../src/datasources/grade/plan.js';
import type { GradeReads } from '../../../src/datasources/lms/grades.js';

const options = { purpose: 'request' } as const;

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
          const reader = createGradeReader(new FakeGrades(learners));
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

  test('once sizes are known, active learners cost min(learners, pages) for each course run', async () => {
    const courses = fc.uniqueArray(
      fc.record({ size: fc.integer({ min: 1, max: 900 }), wanted: fc.integer({ min: 1, max: 40 }), name: fc.nat() }),
      { selector: (course) => course.name, minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(courses, async (specs) => {
        const lms = new FakeGrades(specs.flatMap(({ name, size }) => population(`c${name}`, size)));
        const reader = createGradeReader(lms);
        for (const { name } of specs) await reader.readGradesOfCourse(`c${name}`, options);
        lms.pages.length = 0;
        const keys = specs.flatMap(({ name, wanted, size }) =>
          population(`c${name}`, Math.min(wanted, size)).map(({ username, courseKey }) => ({ username, courseKey })),
        );
        await reader.readGrades(keys, options);
        const formula = specs.reduce((sum, { wanted, size }) => {
          const users = Math.min(wanted, size);
          return sum + (users < 4 ? users : Math.min(users, Math.ceil(size / 200)));
        }, 0);
        expect(lms.singles.length + lms.pages.length).toBeLessThanOrEqual(formula);
      }),
      { numRuns: 60 },
    );
  });

  test('a page of 100 learners of a run of unknown size costs its pages, not 100 reads', async () => {
    const lms = new FakeGrades(population('c1', 250));
    const keys = population('c1', 250)
      .slice(150)
      .map(({ username, courseKey }) => ({ username, courseKey }));
    await createGradeReader(lms).readGrades(keys, options);
    expect(lms.pages).toHaveLength(2);
    expect(lms.singles).toEqual([]);
  });

  test('few learners are read singly, without a scan', async () => {
    const lms = new FakeGrades(population('c1', 50));
    const keys = ['u1', 'u2', 'u3'].map((username) => ({ username, courseKey: 'c1' }));
    await createGradeReader(lms).readGrades(keys, options);
    expect(lms.singles).toHaveLength(3);
    expect(lms.pages).toEqual([]);
  });

  test('a large run of unknown size is given up half-way, and scanned no more for so few', async () => {
    const lms = new FakeGrades(population('c1', 20_000));
    const reader = createGradeReader(lms);
    const keys = ['u19990', 'u19991', 'u19992', 'u19993', 'u19994', 'u19995'].map((username) => ({
      username,
      courseKey: 'c1',
    }));
    await reader.readGrades(keys, options);
    expect(lms.pages).toHaveLength(3);
    expect(lms.singles).toHaveLength(6);
    await reader.readGrades(keys, options);
    expect(lms.pages).toHaveLength(3);
    expect(lms.singles).toHaveLength(12);
  });

  test('a learner whose grading fails has an error of their own, and the others have their grades', async () => {
    const learners = population('c1', 6).map((learner, index) => ({ ...learner, isBroken: index === 2 }));
    const keys = learners.map(({ username, courseKey }) => ({ username, courseKey }));
    const answers = await createGradeReader(new FakeGrades(learners)).readGrades(keys, options);
    const failed = keys.filter((key) => 'error' in (answers.get(gradeKeyOf(key)) ?? {}));
    expect(failed).toEqual([keys[2]]);
    expect(answers.size).toBe(6);
  });
});

describe('planGrades', () => {
  test('a known complete run is scanned exactly when its pages are fewer than the learners', () => {
    const wanted = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ courseKey: 'c', username: `u${index}` }));
    const kinds = (count: number, rows: number) =>
      planGrades(wanted(count), { pageSize: 200, sizeOf: () => ({ rows, isComplete: true }) }).map((step) => step.kind);
    expect(kinds(5, 900)).toEqual(Array(5).fill('single'));
    expect(kinds(6, 900)).toEqual(['scan']);
  });
});
