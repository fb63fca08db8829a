import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planCsv } from '../../../../src/datasources/csv/plan.js';
import {
  type EnrollmentPlanOptions,
  type EnrollmentStep,
  planEnrollments,
} from '../../../../src/datasources/enrollment/plan.js';
import { bytesOf, property, randomOf } from './cases.js';

interface Row {
  username: string;
  courseKey: string;
  isActive: boolean;
}

/** R1 is a part of R10 and more: what the LMS's filter by several runs adds. */
const courseKeys = Array.from({ length: 14 }, (_, index) => `course-v1:Org+C${index % 4}+R${index}`);
/** Every ninth name is one that the list refuses. */
const nameOf = (index: number) => (index % 9 === 8 ? `user.${index}` : `User_${index}`);
const isListable = (username: string) => /^[-a-zA-Z0-9_]+$/.test(username);

const aSeed = fc.nat({ max: 2 ** 31 });
const aCount = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 220 }));
const someBytes = fc.integer({ min: 60, max: 3000 });

/** What an LMS with these rows answers to the calls, and how many calls that is. */
function ask(steps: readonly EnrollmentStep[], rows: readonly Row[]) {
  const found = new Set<Row>();
  let calls = 0;
  const byUser = Map.groupBy(rows, (row) => row.username.toLowerCase());
  const rowsOf = (username: string) => byUser.get(username.toLowerCase()) ?? [];
  for (const step of steps) {
    const [part, parts] =
      step.kind === 'list' ? [step.courseKey?.toLowerCase(), step.courseKeys?.map((key) => key.toLowerCase())] : [];
    const answer =
      step.kind === 'user'
        ? rowsOf(step.username).filter(({ isActive }) => isActive)
        : step.kind === 'pair'
          ? rowsOf(step.username).filter(({ courseKey }) => courseKey === step.courseKey)
          : (step.usernames?.flatMap(rowsOf) ?? rows).filter(({ courseKey }) => {
              const key = courseKey.toLowerCase();
              return (part === undefined || key === part) && (parts?.some((each) => key.includes(each)) ?? true);
            });
    calls += step.kind === 'list' ? Math.max(1, Math.ceil(answer.length / 100)) : 1;
    for (const row of answer) found.add(row);
  }
  return { found, calls };
}

function population(seed: number, users: number, perUser: number): Row[] {
  const random = randomOf(seed);
  return Array.from({ length: users }, (_, index) => nameOf(index)).flatMap((username) =>
    courseKeys.flatMap((courseKey) =>
      random() < perUser / courseKeys.length ? [{ username, courseKey, isActive: random() < 0.8 }] : [],
    ),
  );
}

function optionsOf(maxBytes: number, more: Partial<EnrollmentPlanOptions> = {}): EnrollmentPlanOptions {
  return {
    maxBytes,
    bytesOf,
    split: planCsv,
    isListable,
    rowsOfCourse: () => undefined,
    hasList: true,
    hasCourseKeysFilter: true,
    ...more,
  };
}

/** The limits of the list: never an empty filter, a hundred keys, the bytes of a URL, no name that it refuses. */
function assertAllowed(steps: readonly EnrollmentStep[], maxBytes: number) {
  for (const step of steps) {
    if (step.kind !== 'list') continue;
    const lists = [step.usernames, step.courseKeys].filter((list) => list !== undefined);
    expect(lists.length > 0 || step.courseKey !== undefined).toBe(true);
    for (const list of lists) {
      expect(list.length).toBeGreaterThan(0);
      expect(list.length).toBeLessThanOrEqual(100);
    }
    expect(step.usernames?.every(isListable) ?? true).toBe(true);
    const keys = [...lists.flat(), ...(step.courseKey === undefined ? [] : [step.courseKey])];
    const bytes = keys.reduce((sum, key) => sum + bytesOf(key), 0);
    // A key that is longer than all that is allowed has nowhere else to go; an eighth is kept for each of two lists.
    const isShort = lists.every((list) => list.length === 1) || bytes <= maxBytes + maxBytes / 8;
    expect(isShort).toBe(true);
  }
}

/** The same rows, each once. */
function assertSame(found: Iterable<Row>, oracle: readonly Row[]) {
  const rows = new Set(found);
  expect(oracle.filter((row) => !rows.has(row))).toEqual([]);
  expect(rows.size).toBe(oracle.length);
}

/** Who cannot be listed is asked one by one, which answers active rows only. */
const isSeen = (row: Row) => isListable(row.username) || row.isActive;

test('users → enrollments: all rows of all users, in no more calls than one for each', () => {
  property<[number, number, number]>('users → enrollments', [aSeed, aCount, someBytes], (seed, count, maxBytes) => {
    const rows = population(seed, 260, 4);
    const random = randomOf(seed + 1);
    const users = Array.from({ length: count }, () => nameOf(Math.floor(random() * 260))).map((name) =>
      random() < 0.3 ? name.toUpperCase() : name,
    );
    const steps = planEnrollments({ users }, optionsOf(maxBytes));
    assertAllowed(steps, maxBytes);
    const { found, calls } = ask(steps, rows);
    const wanted = new Set(users.map((name) => name.toLowerCase()));
    const oracle = rows.filter((row) => wanted.has(row.username.toLowerCase()) && isSeen(row));
    assertSame(found, oracle);
    expect(calls).toBeLessThanOrEqual(wanted.size);
    const listable = [...wanted].filter(isListable);
    const listed = rows.filter((row) => listable.includes(row.username.toLowerCase())).length;
    const lists = planCsv(listable, { maxCount: 100, maxBytes, bytesOf }).length;
    expect(calls).toBeLessThanOrEqual(wanted.size - listable.length + lists + Math.floor(listed / 100));
  });
});

test('users × course runs → enrollments: every wanted row, and nothing that is not asked twice', () => {
  property<[number, number, number, number, boolean]>(
    'users × course runs → enrollments',
    [aSeed, aCount, fc.integer({ min: 1, max: courseKeys.length }), someBytes, fc.boolean()],
    (seed, count, courses, maxBytes, hasCourseKeysFilter) => {
      const rows = population(seed, 260, 5);
      const random = randomOf(seed + 1);
      const users = Array.from({ length: count }, () => nameOf(Math.floor(random() * 260)));
      const keys = courseKeys.toSorted(() => random() - 0.5).slice(0, courses);
      const steps = planEnrollments({ users, courseKeys: keys }, optionsOf(maxBytes, { hasCourseKeysFilter }));
      assertAllowed(steps, maxBytes);
      if (!hasCourseKeysFilter) expect(steps.some((step) => step.kind === 'list' && step.courseKeys)).toBe(false);
      const distinct = new Set(users);
      const isWanted = (row: Row) => distinct.has(row.username) && keys.includes(row.courseKey);
      const { found, calls } = ask(steps, rows);
      const oracle = rows.filter((row) => isWanted(row) && (isSeen(row) || keys.length === 1));
      assertSame([...found].filter(isWanted), oracle);
      expect(calls).toBeLessThanOrEqual(distinct.size * keys.length);
    },
  );
});

test('pairs → enrollments: each row, in no more calls than one for each pair; a lone pair is one read', () => {
  property<[number, number, number]>(
    'pairs → enrollments',
    [aSeed, fc.integer({ min: 0, max: 120 }), someBytes],
    (seed, count, maxBytes) => {
      const rows = population(seed, 60, 5);
      const random = randomOf(seed + 1);
      const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
      const names = Array.from({ length: 60 }, (_, index) => nameOf(index));
      const pairs = Array.from({ length: count }, () => ({ username: pick(names), courseKey: pick(courseKeys) }));
      const steps = planEnrollments({ pairs }, optionsOf(maxBytes));
      assertAllowed(steps, maxBytes);
      const isWanted = (row: Row) =>
        pairs.some((pair) => pair.username === row.username && pair.courseKey === row.courseKey);
      const { found, calls } = ask(steps, rows);
      assertSame([...found].filter(isWanted), rows.filter(isWanted));
      const distinct = new Set(pairs.map((pair) => `${pair.username} ${pair.courseKey}`)).size;
      expect(calls).toBeLessThanOrEqual(distinct);
      if (distinct === 1) expect(steps.map((step) => step.kind)).toEqual(['pair']);
    },
  );
});

test('course runs → enrollments: all rows; small runs share a page, as far as their sizes are known', () => {
  property<[number, number, number, boolean]>(
    'course runs → enrollments',
    [aSeed, fc.integer({ min: 0, max: courseKeys.length }), someBytes, fc.boolean()],
    (seed, courses, maxBytes, isKnown) => {
      const random = randomOf(seed + 1);
      const rows = population(seed, Math.floor(random() * 150), 5);
      const keys = courseKeys.toSorted(() => random() - 0.5).slice(0, courses);
      const sizeOf = (key: string) => rows.filter((row) => row.courseKey === key).length;
      const steps = planEnrollments(
        { courseKeys: keys },
        optionsOf(maxBytes, { rowsOfCourse: (key) => (isKnown ? sizeOf(key) : undefined) }),
      );
      assertAllowed(steps, maxBytes);
      const { found, calls } = ask(steps, rows);
      const isWanted = (row: Row) => keys.includes(row.courseKey);
      assertSame([...found].filter(isWanted), rows.filter(isWanted));
      const oneByOne = keys.reduce((sum, key) => sum + Math.max(1, Math.ceil(sizeOf(key) / 100)), 0);
      // Others may share parts of a key with runs that are read together: a page more for such a list at most.
      const shared = steps.filter((step) => step.kind === 'list' && step.courseKeys).length;
      expect(calls).toBeLessThanOrEqual(oneByOne + shared);
      if (!isKnown) expect(calls).toBe(oneByOne);
    },
  );
});
