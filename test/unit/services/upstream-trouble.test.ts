import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type UnavailableCause, UpstreamRejectedError, UpstreamUnavailableError } from '../../../src/errors.js';
import { classifyTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../../../src/services/upstream-trouble.js';

const unavailable = (why: UnavailableCause, status?: number, retryAfterSeconds?: number) =>
  new UpstreamUnavailableError('x', {
    upstream: 'lms',
    why,
    ...(status !== undefined && { status }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

test.each([
  [unavailable('unreachable'), 'system-wide'],
  [unavailable('throttled', 429), 'system-wide'],
  [unavailable('throttled', 403), 'system-wide'],
  [unavailable('circuit-open'), 'system-wide'],
  [unavailable('credentials', 401), 'system-wide'],
  [unavailable('server-error', 503), 'system-wide'],
  [unavailable('server-error', 500), 'transient'],
  [unavailable('timeout'), 'transient'],
  [unavailable('bad-answer', 200), 'transient'],
  [new UpstreamRejectedError('x', { upstream: 'lms', status: 400 }), 'permanent'],
])('%o is %s', (error, expected) => {
  expect(isUpstreamTrouble(error)).toBe(true);
  expect(classifyTrouble(error)).toBe(expected);
});

test('anything else is no trouble of an upstream', () => {
  expect(isUpstreamTrouble(new TypeError('x'))).toBe(false);
});

test('for the first hour of an outage nobody waits longer than half a minute', () => {
  fc.assert(
    fc.property(fc.nat({ max: 119 }), fc.double({ min: 0, max: 1, noNaN: true }), (waits, random) => {
      const pauseMs = pauseBeforeRetryMs(unavailable('unreachable'), waits, random);
      expect(pauseMs).toBeGreaterThanOrEqual(1_000);
      expect(pauseMs).toBeLessThanOrEqual(30_000);
    }),
  );
});

test('pauses grow, and differ from row to row', () => {
  const pauses = [0, 1, 2, 3].map((waits) => pauseBeforeRetryMs(unavailable('timeout'), waits, 1));
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000]);
  expect(pauseBeforeRetryMs(unavailable('timeout'), 3, 0)).toBe(8_000);
});

test('a call that alone keeps failing is asked less and less', () => {
  expect(pauseBeforeRetryMs(unavailable('server-error', 500), 30, 1)).toBe(30 * 60_000);
  expect(pauseBeforeRetryMs(unavailable('server-error', 503), 30, 1)).toBe(30_000);
});

test('what the upstream asks for is kept to within reason', () => {
  expect(pauseBeforeRetryMs(unavailable('throttled', 429, 45), 0, 0)).toBe(45_000);
  expect(pauseBeforeRetryMs(unavailable('throttled', 403, 3600), 0, 0)).toBe(60_000);
  expect(pauseBeforeRetryMs(unavailable('throttled', 403, 3600), 200, 0)).toBe(600_000);
});
