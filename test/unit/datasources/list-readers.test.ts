import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAccountReader } from '../../../src/datasources/account/account-reader.js';
import { createCostBook } from '../../../src/datasources/cost/cost-book.js';
import { createCourseReader } from '../../../src/datasources/course/course-reader.js';
import { planCsv } from '../../../src/datasources/csv/plan.js';
import type { LmsCourseRun } from '../../../src/datasources/lms/courses.js';
import { createMappingReader } from '../../../src/datasources/mapping/mapping-reader.js';
import { createReleaseMemory } from '../../../src/datasources/release-memory.js';
import { UpstreamRejectedError, UpstreamUnavailableError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';

const options = { purpose: 'request' } as const;
const aCostBook = () => createCostBook(createLogger('silent'));
const someIds = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('planCsv', () => {
  const keys = fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 300 });

  test('each key is in exactly one list, and every list keeps both limits', () => {
    fc.assert(
      fc.property(
        keys,
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 400 }),
        (wanted, maxCount, maxBytes) => {
          const lists = planCsv(wanted, { maxCount, maxBytes, bytesOf: (key) => key.length + 1 });
          expect(lists.flat()).toEqual([...new Set(wanted)]);
          for (const list of lists) {
            expect(list.length).toBeGreaterThan(0);
            expect(list.length).toBeLessThanOrEqual(maxCount);
            const bytes = list.reduce((sum, key) => sum + key.length + 1, 0);
            expect(list.length === 1 || bytes <= maxBytes).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('where only the count matters there are ceil(N / max) lists of about the same length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 100 }), (count, maxCount) => {
        const lists = planCsv(someIds('k', count), { maxCount, maxBytes: 1e9, bytesOf: () => 1 });
        expect(lists).toHaveLength(Math.ceil(count / maxCount));
        const longest = Math.ceil(count / Math.max(1, lists.length));
        expect(Math.max(0, ...lists.map((list) => list.length))).toBe(longest);
      }),
    );
  });
});

describe('usernames → accounts', () => {
  const aReader = (known: readonly string[]) => {
    const calls: (readonly string[])[] = [];
    const reader = createAccountReader(
      {
        accountsByUsername: async (usernames) => {
          calls.push(usernames);
          const found = known.filter((name) => usernames.some((asked) => asked.toLowerCase() === name.toLowerCase()));
          return found.map((username) => anLmsUser(username));
        },
        accountByEmail: async () => undefined,
        searchEmails: async (emails) => {
          calls.push(emails);
          return emails.map((email, id) => ({ email, id, username: email }));
        },
      },
      { maxQueryBytes: 2000, costs: aCostBook() },
    );
    return { reader, calls };
  };

  test('100 names cost four calls of 25 side by side; unknown ones are undefined; letter case does not matter', async () => {
    const { reader, calls } = aReader(someIds('Learner', 99));
    const answers = await reader.readAccounts(someIds('LEARNER', 100), options);
    expect(calls.map((call) => call.length)).toEqual([25, 25, 25, 25]);
    expect(answers.get('learner7')).toEqual({ value: anLmsUser('Learner7') });
    expect(answers.get('learner99')).toEqual({ value: undefined });
  });

  test('a name that would become another question is not asked', async () => {
    const { reader, calls } = aReader(['ann', 'bob']);
    const answers = await reader.readAccounts(['', 'ann,bob'], options);
    expect([...answers.values()]).toEqual([{ value: undefined }, { value: undefined }]);
    expect(calls).toEqual([]);
  });

  test('addresses are searched 500 at a time, and none without any', async () => {
    const { reader, calls } = aReader([]);
    expect(await reader.findEmails(someIds('e', 501), options)).toHaveLength(501);
    expect(calls).toHaveLength(2);
    await reader.findEmails([], options);
    expect(calls).toHaveLength(2);
  });
});

function anLmsUser(username: string) {
  return {
    username,
    id: 1,
    email: null,
    name: null,
    isActive: true,
    dateJoined: null,
    lastLogin: null,
    country: null,
    birthYear: null,
  };
}

describe('remote ids → mappings', () => {
  const aReader = (links: Record<string, string>, ignoresFilter = false) => {
    const calls: number[] = [];
    const reader = createMappingReader(
      {
        mappingPage: async (filter) => {
          const ids = 'remoteIds' in filter ? filter.remoteIds : filter.usernames;
          calls.push(ids.length);
          const rows = Object.entries(links).map(([remoteId, username]) => ({ remoteId, username }));
          const isWanted = (row: { remoteId: string; username: string }) =>
            ids.some((id) => id.toLowerCase() === ('remoteIds' in filter ? row.remoteId : row.username).toLowerCase());
          return { rows: ignoresFilter ? rows : rows.filter(isWanted), nextPage: undefined };
        },
      },
      { maxQueryBytes: 2000, costs: aCostBook() },
    );
    return { reader, calls };
  };

  test('100 ids cost two calls of 50, and each gets its own link', async () => {
    const { reader, calls } = aReader({ gw7: 'edx7', gw8: 'edx8' });
    const answers = await reader.readMappings(someIds('gw', 100), options);
    expect(calls).toEqual([50, 50]);
    expect(answers.get('gw7')).toEqual({ value: { remoteId: 'gw7', username: 'edx7' } });
    expect(answers.get('gw9')).toEqual({ value: undefined });
  });

  test("an answer about other people is an error, never somebody else's link", async () => {
    const { reader } = aReader({ gw1: 'edx1', gw2: 'edx2' }, true);
    const answer = (await reader.readMappings(['gw1'], options)).get('gw1');
    expect(answer).toMatchObject({ error: { why: 'bad-answer' } });
  });
});

describe('keys → course runs', () => {
  const aKey = (index: number) => `course-v1:Org+C${index}+R`;
  interface FakeOptions {
    isListOpen?: boolean;
    ignoresKeys?: boolean;
    refusesKey?: string;
    throttles?: boolean;
  }
  const aReader = (
    known: readonly string[],
    { isListOpen = true, ignoresKeys, refusesKey, throttles }: FakeOptions = {},
  ) => {
    const calls: string[] = [];
    const release = createReleaseMemory({ clock: () => new Date(), logger: createLogger('silent') });
    const reader = createCourseReader(
      {
        coursePage: async (courseKeys) => {
          calls.push(`list ${courseKeys?.length}`);
          if (throttles) throw new UpstreamUnavailableError('throttled', { upstream: 'lms', why: 'throttled' });
          if (refusesKey && courseKeys?.includes(refusesKey))
            throw new UpstreamRejectedError('no', {
              upstream: 'lms',
              status: 400,
              body: { field_errors: { course_keys: {} } },
            });
          const rows = ignoresKeys ? known : known.filter((key) => courseKeys?.includes(key));
          return { rows: rows.map(aCourseRun), odd: [], pageCount: 1 };
        },
        course: async (courseKey) => {
          calls.push(`detail ${courseKey}`);
          return known.includes(courseKey) ? aCourseRun(courseKey) : undefined;
        },
      },
      { maxQueryBytes: 2000, release, costs: aCostBook(), scarcity: () => (isListOpen ? 0 : 1) },
    );
    return { reader, calls };
  };

  test('five runs cost one call; a missing one is undefined, a malformed one is not asked', async () => {
    const keys = [0, 1, 2, 3, 4].map(aKey);
    const { reader, calls } = aReader(keys.slice(0, 4));
    const answers = await reader.readCourses([...keys, 'nonsense', 'a+b+c'], options);
    expect(calls).toEqual(['list 5']);
    expect(answers.get(aKey(3))).toEqual({ value: aCourseRun(aKey(3)) });
    expect([aKey(4), 'nonsense', 'a+b+c'].map((key) => answers.get(key))).toEqual(Array(3).fill({ value: undefined }));
  });

  test('a lone run spends nothing of the throttled list', async () => {
    const { reader, calls } = aReader([aKey(1)]);
    await reader.readCourses([aKey(1)], options);
    expect(calls).toEqual([`detail ${aKey(1)}`]);
  });

  test('while the list would have to wait, and when it refuses, a few runs are read singly', async () => {
    const keys = [1, 2, 3].map(aKey);
    const closed = aReader(keys, { isListOpen: false });
    await closed.reader.readCourses(keys, options);
    expect(closed.calls).toEqual(keys.map((key) => `detail ${key}`));
    const refusing = aReader(keys, { throttles: true });
    const answers = await refusing.reader.readCourses(keys, options);
    expect(refusing.calls).toEqual(['list 3', ...keys.map((key) => `detail ${key}`)]);
    expect(answers.get(aKey(1))).toEqual({ value: aCourseRun(aKey(1)) });
  });

  test('one key that the LMS cannot parse costs a few calls more and nobody else their run', async () => {
    const keys = someIds('', 8).map((_, index) => aKey(index));
    const { reader } = aReader(keys, { refusesKey: aKey(5) });
    const answers = await reader.readCourses(keys, options);
    for (const key of keys) expect(answers.get(key)).toEqual({ value: key === aKey(5) ? undefined : aCourseRun(key) });
  });

  test('a release that ignores the filter is found out by its first page and remembered', async () => {
    const { reader, calls } = aReader([1, 2, 3, 4].map(aKey), { ignoresKeys: true });
    const answers = await reader.readCourses([aKey(1), aKey(9)], options);
    expect(answers.get(aKey(1))).toEqual({ value: aCourseRun(aKey(1)) });
    expect(answers.get(aKey(9))).toEqual({ value: undefined });
    await reader.readCourses([aKey(2), aKey(3)], options);
    expect(calls.filter((call) => call.startsWith('list'))).toEqual(['list 2']);
  });
});

function aCourseRun(courseKey: string): LmsCourseRun {
  return {
    courseKey,
    title: courseKey,
    org: null,
    number: null,
    shortDescription: null,
    effort: null,
    start: null,
    end: null,
    enrollmentStart: null,
    enrollmentEnd: null,
    pacing: null,
    isInvitationOnly: false,
    isHidden: false,
    imageUrl: null,
  };
}
