import { expect, test } from 'vitest';
import { casesOf } from './cases.js';

test('planners are tried with at least 10,000 cases', () => {
  expect(Object.values(casesOf).reduce((sum, cases) => sum + cases, 0)).toBeGreaterThanOrEqual(10_000);
});
