import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  freePace,
  type RegistrationPace,
  slowDown,
  speedUp,
} from '../../../../src/services/edx-link/registration-pace.js';

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;

/** The LMS's limit: so many calls in a window from one address, refused ones included. */
type Limit = (at: number) => boolean;

/** The window begins with the first call after the last one ended, as django-ratelimit keeps it. */
function fixedWindow(limit: number): Limit {
  let endsAt = 0;
  let count = 0;
  return (at) => {
    if (at >= endsAt) [endsAt, count] = [at + weekMs, 0];
    count += 1;
    return count <= limit;
  };
}

/** The window is always the last week. */
function slidingWindow(limit: number): Limit {
  let calls: number[] = [];
  return (at) => {
    calls = [...calls.filter((call) => call > at - weekMs), at];
    return calls.length <= limit;
  };
}

/** Lets learners register one after the other, each as soon as the pace allows. */
function registerAll(learners: number, limit: Limit): { taken: number[]; refused: number[] } {
  let pace: RegistrationPace = freePace;
  let at = 0;
  const taken: number[] = [];
  const refused: number[] = [];
  while (taken.length < learners && at < 60 * weekMs) {
    at = Math.max(at + 1000, pace.nextAt?.getTime() ?? 0);
    const isTaken = limit(at);
    (isTaken ? taken : refused).push(at);
    if (!isTaken) pace = slowDown(pace, new Date(at));
    else if (pace.gapMs > 0) pace = speedUp(pace, new Date(at));
  }
  return { taken, refused };
}

test.each([
  ['fixed', fixedWindow],
  ['sliding', slidingWindow],
])(
  'under the LMS’s default limit, in a %s window, everybody gets their turn, and few calls are wasted',
  (_kind, window) => {
    const { taken, refused } = registerAll(180, window(60));
    expect(taken).toHaveLength(180);
    const weeks = (taken.at(-1) ?? 0) / weekMs;
    expect(weeks).toBeLessThan(8);
    // Four a day, and the first few that find out.
    expect(refused.length).toBeLessThan(weeks * 40);
  },
);

test('while the LMS takes all, there is no pause at all', () => {
  const { taken, refused } = registerAll(500, () => true);
  expect(refused).toEqual([]);
  expect(taken.at(-1)).toBe(500_000);
});

test('operators who raise the limit wait six hours at most, and a day later there are no pauses left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (refusals) => {
      let pace: RegistrationPace = freePace;
      let at = 0;
      for (let refusal = 0; refusal < refusals; refusal++) {
        at = Math.max(at + 1000, pace.nextAt?.getTime() ?? 0);
        pace = slowDown(pace, new Date(at));
      }
      expect(pace.gapMs).toBeLessThanOrEqual(6 * hourMs);
      const raisedAt = at;
      for (let success = 0; pace.gapMs > 0; success++) {
        expect(success).toBeLessThan(10);
        at = pace.nextAt?.getTime() ?? 0;
        pace = speedUp(pace, new Date(at));
      }
      expect(at - raisedAt).toBeLessThan(24 * hourMs);
    }),
  );
});

test('a pause remembers when it began', () => {
  const first = slowDown(freePace, new Date(0));
  const second = slowDown(first, new Date(hourMs));
  expect(second.refusedSince).toEqual(new Date(0));
  expect(speedUp(second, new Date(2 * hourMs)).refusedSince).toEqual(new Date(0));
});
