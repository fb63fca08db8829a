import { describe, expect, test } from 'vitest';
import { SharedThrottle } from '../../sandbox/lms/auth/shared-throttle.js';
import { ApiError } from '../../sandbox/lms/http/errors.js';
import type { LmsUser } from '../../sandbox/lms/rows.js';
import { startSandbox } from '../../sandbox/start.js';
import { TEST_SANDBOX } from './credentials.js';
import { changeSettings, WORKER } from './learner-client.js';

const STAFF: LmsUser = {
  id: 1,
  username: 'worker',
  email: 'worker@example.org',
  passwordHash: null,
  isActive: true,
  isStaff: true,
  isSuperuser: false,
  dateJoined: '2026-01-01T00:00:00Z',
  lastLogin: null,
  activationKey: null,
  profile: null,
};

/** Calls at given seconds on one window; says of each whether it passed, or what it was told. */
function callsOf(user: LmsUser | null = STAFF) {
  const throttle = new SharedThrottle(() => ({ throttles: true, misconfigured: [] }));
  return (family: 'enrollment' | 'courses', seconds: number, times = 1): unknown => {
    let last: unknown = 'passed';
    for (let at = 0; at < times; at++) {
      try {
        throttle.count(family, user, '127.0.0.1', seconds * 1000);
        last = 'passed';
      } catch (error) {
        last = error instanceof ApiError ? [error.detail, error.retryAfterSeconds] : error;
      }
    }
    return last;
  };
}

describe('the shared throttle window', () => {
  test('slides: calls leave it one by one, a minute after they were made', () => {
    const call = callsOf();
    expect(call('enrollment', 0, 60)).toBe('passed');
    expect(call('enrollment', 30, 60)).toBe('passed');
    expect(call('enrollment', 45)).toEqual(['Request was throttled. Expected available in 15 seconds.', 15]);
    expect(call('enrollment', 60, 60)).toBe('passed');
    expect(call('enrollment', 61)).toEqual(['Request was throttled. Expected available in 29 seconds.', 29]);
  });

  test('does not count the calls that it refuses', () => {
    const call = callsOf();
    call('enrollment', 0, 120);
    call('enrollment', 59, 500);
    expect(call('enrollment', 60, 120)).toBe('passed');
  });

  test('counts both families together, so that the course list may be told no time to wait', () => {
    const call = callsOf();
    expect(call('courses', 0, 40)).toBe('passed');
    expect(call('courses', 1)).toEqual(['Request was throttled. Expected available in 59 seconds.', 59]);
    expect(call('enrollment', 1, 5)).toBe('passed');
    expect(call('courses', 2)).toEqual(['Request was throttled.', undefined]);
  });

  test('words one second in the singular', () => {
    const call = callsOf();
    call('enrollment', 0, 120);
    expect(call('enrollment', 59.5)).toEqual(['Request was throttled. Expected available in 1 second.', 1]);
  });

  test('gives learners and addresses a third of what it gives staff', () => {
    expect(callsOf({ ...STAFF, isStaff: false })('enrollment', 0, 41)).toEqual([
      'Request was throttled. Expected available in 60 seconds.',
      60,
    ]);
    expect(callsOf(null)('courses', 0, 20)).toBe('passed');
  });
});

test('bodies that are refused count, an API key lifts the window, and the switch turns it off', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const bulk = async (): Promise<number> =>
    (
      await fetch(`${sandbox.lmsUrl}/api/bulk_enroll/v1/bulk_enroll`, {
        method: 'POST',
        headers: { ...WORKER, 'content-type': 'application/json' },
        body: '{}',
      })
    ).status;
  const statuses = await Promise.all(Array.from({ length: 120 }, bulk));
  expect(new Set(statuses)).toEqual(new Set([400]));
  expect(await bulk()).toBe(429);
  const list = `${sandbox.lmsUrl}/api/enrollment/v1/enrollments/?username=ada`;
  expect((await fetch(list, { headers: WORKER })).status).toBe(429);
  const withKey = { ...WORKER, 'x-edx-api-key': 'portico-edx-api-key' };
  expect((await fetch(list, { headers: withKey })).status).toBe(200);
  await changeSettings(sandbox, { throttles: false });
  expect(await bulk()).toBe(400);
});
