import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultLifetimes, sessionSecondsLeft } from '../../../src/oauth/lifetimes.js';

const { sessionIdle, sessionAbsolute } = defaultLifetimes;
const signedInAt = 1_700_000_000;
const at = (seconds: number) => new Date((signedInAt + seconds) * 1000);

test('a session that is used lives for the idle time, but not beyond its absolute end', () => {
  expect(sessionSecondsLeft(defaultLifetimes, signedInAt, at(0))).toBe(sessionIdle);
  expect(sessionSecondsLeft(defaultLifetimes, signedInAt, at(sessionAbsolute - 100))).toBe(100);
});

test('there is always a second left, since the provider takes no less', () => {
  expect(sessionSecondsLeft(defaultLifetimes, signedInAt, at(sessionAbsolute + 5))).toBe(1);
});

test('however it is used, a session never ends later than its absolute end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sessionAbsolute - 1 }), (used) => {
      const left = sessionSecondsLeft(defaultLifetimes, signedInAt, at(used));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(sessionIdle);
      expect(used + left).toBeLessThanOrEqual(sessionAbsolute);
    }),
  );
});

test('grants outlive every token under them', () => {
  expect(defaultLifetimes.grant).toBeGreaterThanOrEqual(365 * 86_400 + defaultLifetimes.refreshToken);
});
