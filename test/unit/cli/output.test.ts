import { expect, test } from 'vitest';
import { countOf } from '../../../src/cli/output.js';

test('one thing is one, any other number is many', () => {
  expect([0, 1, 2].map((count) => countOf(count, 'learner'))).toEqual(['0 learners', '1 learner', '2 learners']);
});
