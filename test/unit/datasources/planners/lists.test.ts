import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planAccounts } from '../../../../src/datasources/account/plan.js';
import { latencyMs, priceOf, scoreOf } from '../../../../src/datasources/cost/estimates.js';
import { planCourses } from '../../../../src/datasources/course/plan.js';
import { planCsv } from '../../../../src/datasources/csv/plan.js';
import { planIdentities } from '../../../../src/datasources/identity/plan.js';
import { planMappings } from '../../../../src/datasources/mapping/plan.js';
import { planOneByOne } from '../../../../src/datasources/one-by-one/plan.js';
import { bytesOf, property } from './cases.js';

const aCost = fc.record({
  callMs: fc.double({ min: 1, max: 500, noNaN: true }),
  rowMs: fc.double({ min: 0, max: 40, noNaN: true }),
});
const someWorkers = fc.integer({ min: 1, max: 12 });
const someBytes = fc.integer({ min: 40, max: 3000 });
const someCount = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 400 }));
const named = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

function assertLists(lists: readonly string[][], wanted: readonly string[], maxCount: number, maxBytes: number) {
  expect(lists.flat().toSorted()).toEqual(wanted.toSorted());
  for (const list of lists) {
    expect(list.length).toBeGreaterThan(0);
    expect(list.length).toBeLessThanOrEqual(maxCount);
    expect(list.length === 1 || list.reduce((sum, key) => sum + bytesOf(key), 0) <= maxBytes).toBe(true);
  }
}

function workOf(prices: readonly number[]) {
  return { longestChainMs: Math.max(0, ...prices), totalMs: prices.reduce((sum, ms) => sum + ms, 0) };
}

test('usernames → accounts: each name once, at most 50 in a list, and no division into lists that is better', () => {
  property<[number, { callMs: number; rowMs: number }, number, number]>(
    'usernames → accounts',
    [someCount, aCost, someWorkers, someBytes],
    (count, list, workers, maxBytes) => {
      const names = named('Learner_', count);
      const spelled = [...names, ...names.slice(0, 5).map((name) => name.toUpperCase())];
      const { lists, estimateMs } = planAccounts(spelled, { list, workers, maxBytes, bytesOf, split: planCsv });
      assertLists(
        lists.map((some) => some.map((name) => name.toLowerCase())),
        names.map((name) => name.toLowerCase()),
        50,
        maxBytes,
      );
      const prices = lists.map((some) => priceOf(list, some.length));
      expect(estimateMs).toBeCloseTo(latencyMs(workOf(prices), workers), 6);
      const fewest = planCsv(names, { maxCount: 50, maxBytes, bytesOf });
      // The naive ones: the longest lists that may be, and one call for each account where that is allowed.
      const longest = fewest.map((some) => priceOf(list, some.length));
      expect(scoreOf(workOf(prices), workers)).toBeLessThanOrEqual(scoreOf(workOf(longest), workers) * (1 + 1e-9));
      expect(lists.length).toBeLessThanOrEqual(Math.max(fewest.length, Math.ceil(count / 25)));
    },
  );
});

test('ids → mapping: each id once, in the fewest lists of 50; nothing that would ask for everybody', () => {
  property<[number, { callMs: number; rowMs: number }, number, number]>(
    'ids → mapping',
    [someCount, aCost, someWorkers, someBytes],
    (count, list, workers, maxBytes) => {
      const ids = named('gw', count);
      const { lists } = planMappings(['', 'a,b', ...ids, ...ids], { list, workers, maxBytes, bytesOf, split: planCsv });
      assertLists(lists, ids, 50, maxBytes);
      expect(lists.length).toBe(planCsv(ids, { maxCount: 50, maxBytes, bytesOf }).length);
    },
  );
});

test('keys → course runs: each key once; counted calls are the fewest, or none as the throttle closes', () => {
  type Cost = { callMs: number; rowMs: number };
  property<[number, Cost, Cost, number, number, number, boolean]>(
    'keys → course runs',
    [someCount, aCost, aCost, someWorkers, someBytes, fc.constantFrom(0, 0.2, 0.49, 0.5, 0.9, 1), fc.boolean()],
    (count, list, detail, workers, maxBytes, scarcity, hasKeysFilter) => {
      const keys = named('course-v1:Org+C', count);
      const { steps, estimateMs } = planCourses([...keys, ...keys], {
        list,
        detail,
        workers,
        maxBytes,
        bytesOf,
        split: planCsv,
        scarcity,
        hasKeysFilter,
      });
      const lists = steps.flatMap((step) => (step.kind === 'list' ? [step.courseKeys] : []));
      const details = steps.flatMap((step) => (step.kind === 'detail' ? [step.courseKey] : []));
      expect([...lists.flat(), ...details].toSorted()).toEqual(keys.toSorted());
      if (lists.length > 0) assertLists(lists, keys, 100, maxBytes);
      const fewest = planCsv(keys, { maxCount: 100, maxBytes, bytesOf }).length;
      expect([0, fewest]).toContain(lists.length);
      if (!hasKeysFilter || count === 1) expect(lists).toEqual([]);
      // While calls of the list are there, nobody waits for many single reads.
      if (hasKeysFilter && count > 1 && scarcity < 0.5) expect(details).toEqual([]);
      const prices = [...lists.map((some) => priceOf(list, some.length)), ...details.map(() => priceOf(detail, 1))];
      expect(estimateMs).toBeCloseTo(latencyMs(workOf(prices), workers), 6);
    },
  );
});

test('e-mail addresses → users: one call for 500, whatever their length', () => {
  property<[number, number]>(
    'e-mail addresses → users',
    [fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 500 })],
    (count, maxCount) => {
      const emails = named('learner@', count);
      const limits = { maxCount, maxBytes: Number.POSITIVE_INFINITY, bytesOf: () => 0 };
      const lists = planCsv([...emails, ...emails], limits);
      expect(lists.flat()).toEqual(emails);
      expect(lists).toHaveLength(Math.ceil(count / maxCount));
    },
  );
});

test('users → identities: everybody by one address or by name, once, by address wherever one is known', () => {
  const aUser = fc.record({
    username: fc.nat({ max: 30 }).map((number) => (number % 2 === 0 ? `User${number}` : `user${number}`)),
    email: fc.option(fc.nat({ max: 30 }).map((number) => `u${number}@example.org`)),
  });
  property<[{ username: string; email: string | null }[]]>(
    'users → identities',
    [fc.array(aUser, { maxLength: 60 })],
    (wanted) => {
      const { emails, usernames } = planIdentities(wanted);
      const withAddress = new Set(wanted.filter(({ email }) => email !== null).map(({ username }) => username));
      const others = new Set(wanted.map(({ username }) => username).filter((name) => !withAddress.has(name)));
      expect(new Set(usernames)).toEqual(others);
      expect(usernames).toHaveLength(others.size);
      expect(new Set(emails).size).toBe(emails.length);
      expect(emails.length).toBeLessThanOrEqual(withAddress.size);
      for (const name of withAddress)
        expect(wanted.some(({ username, email }) => username === name && email && emails.includes(email))).toBe(true);
    },
  );
});

test('certificates, modes, progress: one call for each, however often it is wanted', () => {
  property<[number[], { callMs: number; rowMs: number }, number]>(
    'one by one',
    [fc.array(fc.nat({ max: 60 }), { maxLength: 120 }), aCost, someWorkers],
    (wanted, cost, workers) => {
      const keys = wanted.map((index) => (index % 2 === 0 ? `User${index}` : `user${index}`));
      const nameOf = (key: string) => key.toLowerCase();
      const plan = planOneByOne(keys, { nameOf, cost: { ...cost, usualRows: 1 }, workers });
      const distinct = new Set(keys.map(nameOf));
      expect(plan.keys.map(nameOf).toSorted()).toEqual([...distinct].toSorted());
      const oneMs = priceOf(cost, 1);
      const expectedMs = distinct.size === 0 ? 0 : Math.max(oneMs, (oneMs * distinct.size) / workers);
      expect(plan.estimateMs).toBeCloseTo(expectedMs, 6);
    },
  );
});
