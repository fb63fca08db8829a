import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCostBook } from '../../../src/datasources/cost/cost-book.js';
import { createEnrollmentReader, enrollmentKeyOf } from '../../../src/datasources/enrollment/enrollment-reader.js';
import type { LmsEnrollment } from '../../../src/datasources/lms/enrollments.js';
import { createReleaseMemory } from '../../../src/datasources/release-memory.js';
import { queryBytes } from '../../../src/datasources/upstream/query.js';
import { createLogger } from '../../../src/logger.js';
import { type FakeBehaviour, FakeEnrollments } from './fake-enrollments.js';

const options = { purpose: 'request' } as const;
const aCostBook = () => createCostBook(createLogger('silent'));
const names = Array.from({ length: 260 }, (_, index) => `Learner_${index}`);
const courseKeys = Array.from({ length: 12 }, (_, index) => `course-v1:Org+C${index}+R1`);

const anEnrollment = fc.record({
  username: fc.constantFrom(...names),
  courseKey: fc.constantFrom(...courseKeys),
  mode: fc.constantFrom('audit', 'verified'),
  isActive: fc.boolean(),
  createdAt: fc.constant(null),
});
const aPopulation = fc.uniqueArray(anEnrollment, {
  selector: (row) => `${row.username} ${row.courseKey}`,
  maxLength: 600,
});
const someNames = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 250 });

function aReader(rows: readonly LmsEnrollment[], behaviour: FakeBehaviour = {}, maxQueryBytes = 2000) {
  const lms = new FakeEnrollments(rows, behaviour);
  const release = createReleaseMemory({ clock: () => new Date(), logger: createLogger('silent') });
  return { lms, reader: createEnrollmentReader(lms, { maxQueryBytes, release, costs: aCostBook() }) };
}

const rowsOf = (rows: readonly LmsEnrollment[], name: string) =>
  rows.filter((row) => row.username.toLowerCase() === name.toLowerCase());

describe('users → enrollments', () => {
  test('every user gets exactly the rows that asking one by one would give, inactive ones included', async () => {
    await fc.assert(
      fc.asyncProperty(aPopulation, someNames, fc.integer({ min: 40, max: 3000 }), async (rows, wanted, maxBytes) => {
        const { lms, reader } = aReader(rows, {}, maxBytes);
        const spelled = wanted.map((name, index) => (index % 2 === 0 ? name.toUpperCase() : name));
        const answers = await reader.readEnrollmentsOfUsers(spelled, options);
        for (const name of wanted) {
          const answer = answers.get(name.toLowerCase());
          expect(answer).toHaveProperty('value');
          if (answer && 'value' in answer) expect(new Set(answer.value)).toEqual(new Set(rowsOf(rows, name)));
        }
        expect(lms.violations).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('the calls are those of the formula: the pages of each chunk, one for a chunk without rows', async () => {
    await fc.assert(
      fc.asyncProperty(aPopulation, someNames, async (rows, wanted) => {
        const { lms, reader } = aReader(rows, {}, 100_000);
        await reader.readEnrollmentsOfUsers(wanted, options);
        const chunks = Math.ceil(wanted.length / 100);
        const total = rows.filter((row) => wanted.includes(row.username)).length;
        expect(lms.calls.length).toBeGreaterThanOrEqual(Math.max(chunks, Math.ceil(total / 100)));
        expect(lms.calls.length).toBeLessThanOrEqual(chunks + Math.floor(total / 100));
        expect(new Set(lms.calls)).toEqual(new Set(['list']));
      }),
      { numRuns: 60 },
    );
  });

  test('1000 users with five enrollments each cost 50 calls', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => ({
      username: `learner${String(index % 1000).padStart(5, '0')}`,
      courseKey: `course-v1:Seed+C${Math.floor(index / 1000)}+2026`,
      mode: 'audit',
      isActive: true,
      createdAt: null,
    }));
    const { lms, reader } = aReader(rows);
    await reader.readEnrollmentsOfUsers([...new Set(rows.map((row) => row.username))], options);
    expect(lms.calls).toHaveLength(50);
  });

  test('no users, no call', async () => {
    const { lms, reader } = aReader([]);
    expect(await reader.readEnrollmentsOfUsers([], options)).toEqual(new Map());
    expect(await reader.listEnrollments({ usernames: [] }, options)).toEqual([]);
    expect(lms.calls).toEqual([]);
  });

  test('names that the list refuses are asked for one by one and spoil nobody else', async () => {
    const rows = ['ann', 'dotted.name', 'bad-one'].map((username) => ({
      username,
      courseKey: 'course-v1:Org+C1+R1',
      mode: 'audit',
      isActive: true,
      createdAt: null,
    }));
    const { lms, reader } = aReader(rows);
    const answers = await reader.readEnrollmentsOfUsers(['ann', 'dotted.name', 'bad-one', 'bob', 'cid'], options);
    for (const row of rows) expect(answers.get(row.username)).toEqual({ value: [row] });
    expect(answers.get('bob')).toEqual({ value: [] });
    expect(lms.calls.filter((call) => call === 'user')).toHaveLength(2);
  });

  test('a URL that is too long is halved until it passes', async () => {
    await fc.assert(
      fc.asyncProperty(someNames, async (wanted) => {
        const rows = wanted.map((username) => ({
          username,
          courseKey: 'course-v1:Org+C1+R1',
          mode: 'audit',
          isActive: true,
          createdAt: null,
        }));
        const { reader } = aReader(rows, { maxUrlBytes: 300 });
        const answers = await reader.readEnrollmentsOfUsers(wanted, options);
        expect([...answers.values()].flatMap((answer) => ('value' in answer ? answer.value : []))).toHaveLength(
          wanted.length,
        );
      }),
      { numRuns: 30 },
    );
  });

  test('an LMS without the list is asked user by user, and the next time at once', async () => {
    const rows = ['ann', 'bob'].map((username) => ({
      username,
      courseKey: 'course-v1:Org+C1+R1',
      mode: 'audit',
      isActive: true,
      createdAt: null,
    }));
    const { lms, reader } = aReader(rows, { hasNoList: true });
    const answers = await reader.readEnrollmentsOfUsers(['ann', 'bob'], options);
    expect(answers.get('ann')).toEqual({ value: [rows[0]] });
    expect(lms.calls).toEqual(['list', 'user', 'user']);
    await reader.readEnrollmentsOfUsers(['ann'], options);
    expect(lms.calls.slice(3)).toEqual(['user']);
  });
});

describe('users × course runs', () => {
  test('only the wanted rows come back, exactly by key, whatever the substring match adds', async () => {
    const someKeys = fc.uniqueArray(fc.constantFrom(...courseKeys), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        aPopulation,
        someNames,
        someKeys,
        fc.boolean(),
        fc.integer({ min: 150, max: 3000 }),
        async (rows, users, keys, ignoresCourseKeys, maxBytes) => {
          const { lms, reader } = aReader(rows, { ignoresCourseKeys }, maxBytes);
          const found = await reader.listEnrollments({ usernames: users, courseKeys: keys }, options);
          const wanted = rows.filter((row) => users.includes(row.username) && keys.includes(row.courseKey));
          expect(new Set(found)).toEqual(new Set(wanted));
          expect(found).toHaveLength(wanted.length);
          expect(lms.violations).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('R1 does not bring R10', async () => {
    const rows = ['R1', 'R10'].map((run) => ({
      username: 'ann',
      courseKey: `course-v1:Org+C1+${run}`,
      mode: 'audit',
      isActive: true,
      createdAt: null,
    }));
    const { reader } = aReader(rows);
    const keys = ['course-v1:Org+C1+R1', 'course-v1:Org+C2+R1'];
    expect(await reader.listEnrollments({ usernames: ['ann'], courseKeys: keys }, options)).toEqual([rows[0]]);
  });

  test('one course run takes the pages of its own enrollments', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => ({
      username: `u${index}`,
      courseKey: 'course-v1:Org+C1+R1',
      mode: 'audit',
      isActive: true,
      createdAt: null,
    }));
    const { lms, reader } = aReader(rows);
    expect(await reader.listEnrollments({ courseKey: 'course-v1:Org+C1+R1' }, options)).toHaveLength(250);
    expect(lms.calls).toHaveLength(3);
  });
});

describe('single enrollments', () => {
  const aPair = fc.record({ username: fc.constantFrom(...names), courseKey: fc.constantFrom(...courseKeys) });

  test('each pair gets its row or none, in no more calls than one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        aPopulation,
        fc.uniqueArray(aPair, { selector: enrollmentKeyOf, minLength: 1, maxLength: 120 }),
        async (rows, pairs) => {
          const { lms, reader } = aReader(rows, {}, 3000);
          const answers = await reader.readEnrollmentPairs(pairs, options);
          for (const pair of pairs) {
            const row = rows.find((each) => each.username === pair.username && each.courseKey === pair.courseKey);
            expect(answers.get(enrollmentKeyOf(pair))).toEqual({ value: row });
          }
          expect(lms.calls.length).toBeLessThanOrEqual(pairs.length);
          expect(lms.violations).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a lone pair is one read of that pair', async () => {
    const { lms, reader } = aReader([]);
    await reader.readEnrollmentPairs([{ username: 'ann', courseKey: 'course-v1:Org+C1+R1' }], options);
    expect(lms.calls).toEqual(['pair']);
  });

  test('the byte budget of a query is kept', async () => {
    const wide = Array.from({ length: 90 }, (_, index) => `a_username_of_some_length_${index}`);
    const keys = Array.from({ length: 60 }, (_, index) => `course-v1:University+Course${index}+2026_T1`);
    const lms = new FakeEnrollments([], { maxUrlBytes: 2000 + queryBytes(keys[0] ?? '') });
    const release = createReleaseMemory({ clock: () => new Date(), logger: createLogger('silent') });
    const reader = createEnrollmentReader(lms, { maxQueryBytes: 2000, release, costs: aCostBook() });
    await reader.listEnrollments({ usernames: wide, courseKeys: keys }, options);
    expect(lms.violations).toEqual([]);
  });
});
