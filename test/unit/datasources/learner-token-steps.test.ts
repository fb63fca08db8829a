import { expect, test } from 'vitest';
import { stepOfPage } from '../../../src/datasources/lms/learner-token-steps.js';

test.each([
  [400, '/oauth2/authorize/', 'sso-refused'],
  [400, '/oauth2/authorize', 'sso-refused'],
  [200, '/login/abc', 'sso-sign-in-asked'],
  [200, '/school/login/abc/second-step', 'sso-sign-in-asked'],
  [200, '/consent/abc', 'sso-consent-asked'],
  [429, '/oauth2/authorize/', 'sso-busy'],
  [503, '/oauth2/authorize/', 'sso-busy'],
  [404, '/login/abc', 'sso-unclear'],
  [200, '/account', 'sso-unclear'],
])('%i at %s of Portico is told as what it is', (status, path, step) => {
  expect(stepOfPage({ url: new URL(path, 'https://portico.example'), status, isLms: false })).toBe(step);
});
