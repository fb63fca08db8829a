import { expect, test } from 'vitest';
import { describeEdxLink } from '../../../src/pages/edx-link-view.js';
import { wordsIn } from '../../../src/words/words.js';

const linked = { state: 'LINKED', edxUsername: 'alice' } as const;
const explain = (link: Parameters<typeof describeEdxLink>[0], language: 'en' | 'es' = 'en') =>
  describeEdxLink(link, 'https://lms.example.org/', wordsIn(language)).explanation;

test('somebody whose changes the LMS does not take reads so, and why, in their language', () => {
  expect(explain({ ...linked, lastError: null })).toBe('This account signs you in there.');
  const refused = { ...linked, lastError: { message: 'The LMS refused a request.' } };
  expect(explain(refused)).toMatch(/What you changed here has not arrived there: The LMS refused a request\.$/);
  expect(explain(refused, 'es')).toMatch(/no ha llegado allí: The LMS refused/);
});
