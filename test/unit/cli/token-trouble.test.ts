import { expect, test } from 'vitest';
import { Trouble } from '../../../src/cli/doctor/finding.js';
import { describeTokenTrouble } from '../../../src/cli/doctor/token-trouble.js';
import { UpstreamUnavailableError } from '../../../src/errors.js';
import { LearnerTokenError } from '../../../src/services/edx-api-token/learner-token-error.js';

const step = (name: string) => describeTokenTrouble(new LearnerTokenError(name, 'what was seen'));

test('doctor names a mistake only where the answer shows it', () => {
  expect(step('sso-refused')).toMatchObject({ message: 'what was seen', problem: 'redirect-mismatch' });
  expect(step('backend-missing')).toMatchObject({ problem: 'missing-backend' });
  expect(step('sso-consent-asked')).toMatchObject({
    problem: undefined,
    advice: expect.stringContaining('skip consent'),
  });
  expect(step('sso-sign-in-asked')).toMatchObject({ problem: undefined, advice: expect.stringContaining('clocks') });
  expect(step('lms-user-disabled')).toMatchObject({ problem: undefined, advice: undefined });
});

test('doctor says that it could not tell where a slow answer looks the same as a wrong one', () => {
  const slow = (why: 'timeout' | 'unreachable') => new UpstreamUnavailableError('slow', { upstream: 'lms', why });
  for (const trouble of [step('sso-busy'), step('sso-unclear'), step('portico-unreachable')])
    expect(trouble).toMatchObject({ problem: undefined, advice: expect.stringContaining('could not be told') });
  for (const why of ['timeout', 'unreachable'] as const) {
    const trouble = describeTokenTrouble(slow(why));
    expect(trouble).toBeInstanceOf(Trouble);
    expect(trouble).toMatchObject({ problem: undefined, advice: expect.stringContaining('could not be told') });
  }
});

test('what the LMS says of its limits is left to whoever knows limits', () => {
  const throttled = new UpstreamUnavailableError('too many', { upstream: 'lms', why: 'throttled', status: 429 });
  expect(describeTokenTrouble(throttled)).toBe(throttled);
});
