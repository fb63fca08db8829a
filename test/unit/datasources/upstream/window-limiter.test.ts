import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Priority } from '../../../../src/datasources/upstream/call.js';
import { startDeadline } from '../../../../src/datasources/upstream/deadline.js';
import { createWindowLimiter, type WindowLimiter } from '../../../../src/datasources/upstream/window-limiter.js';

const timeouts = { tryMs: 3000, requestMs: 8000, jobMs: 60_000 };
const now = (priority: Priority = 'viewer') => ({ priority, deadline: startDeadline('request', timeouts) });
const patient = (priority: Priority = 'viewer') => ({
  priority,
  deadline: startDeadline('job', { ...timeouts, jobMs: 120_000 }),
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const aLimiter = () => createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 115, 'course-list': 38 } });

async function spend(limiter: WindowLimiter, budget: string, count: number) {
  for (let index = 0; index < count; index += 1) (await limiter.admit(budget, now('sign-up'))).spend();
}

describe('one counter with two limits', () => {
  test('the 116th enrollment call of a minute is refused at once, and says when to come back', async () => {
    const limiter = aLimiter();
    await spend(limiter, 'enrollment', 115);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(limiter.admit('enrollment', now())).rejects.toMatchObject({
      why: 'throttled',
      retryAfterSeconds: 50,
      mayHaveHappened: false,
    });
  });

  test('enrollment calls use up the budget of the course list, whose own limit is lower', async () => {
    const limiter = aLimiter();
    await spend(limiter, 'enrollment', 37);
    expect(limiter.isOpen('course-list', 'sign-up')).toBe(true);
    await spend(limiter, 'course-list', 1);
    expect(limiter.isOpen('course-list', 'sign-up')).toBe(false);
    await expect(limiter.admit('course-list', now())).rejects.toMatchObject({ why: 'throttled' });
    await spend(limiter, 'enrollment', 1);
    expect(limiter.snapshot().used).toBe(39);
  });

  test('with thousands in the window, too, each call is counted for a minute and no longer', async () => {
    const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 5_000 } });
    const spentAt: number[] = [];
    const counted = () => spentAt.filter((at) => at > performance.now() - 60_000).length;
    for (let second = 0; second < 200; second += 1) {
      const calls = Math.min(150, 5_000 - counted());
      await spend(limiter, 'enrollment', calls);
      for (let call = 0; call < calls; call += 1) spentAt.push(performance.now());
      expect(limiter.snapshot().used).toBe(counted());
      expect(limiter.isOpen('enrollment', 'sign-up')).toBe(counted() < 5_000);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(limiter.snapshot().used).toBe(0);
  });

  test('the window slides: room comes back call by call, a minute after each', async () => {
    const limiter = aLimiter();
    await spend(limiter, 'enrollment', 60);
    await vi.advanceTimersByTimeAsync(30_000);
    await spend(limiter, 'enrollment', 55);
    expect(limiter.isOpen('enrollment', 'viewer')).toBe(false);
    await vi.advanceTimersByTimeAsync(30_001);
    expect(limiter.snapshot().used).toBe(55);
    await spend(limiter, 'enrollment', 60);
    expect(limiter.isOpen('enrollment', 'viewer')).toBe(false);
  });

  test('a call counts from its answer on, since the LMS may have counted it that late', async () => {
    const limiter = aLimiter();
    const ticket = await limiter.admit('enrollment', now());
    await vi.advanceTimersByTimeAsync(59_000);
    ticket.spend();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(limiter.snapshot().used).toBe(1);
    await vi.advanceTimersByTimeAsync(1001);
    expect(limiter.snapshot().used).toBe(0);
  });

  test('a call that the LMS did not count is given back', async () => {
    const limiter = aLimiter();
    (await limiter.admit('enrollment', now())).refund();
    expect(limiter.snapshot().used).toBe(0);
  });
});

describe('how scarce a budget is', () => {
  test('it is said by the share of the window that is used, waiting calls included', async () => {
    const limiter = aLimiter();
    expect(limiter.scarcity('enrollment')).toBe(0);
    await spend(limiter, 'enrollment', 22);
    expect(limiter.scarcity('enrollment')).toBeCloseTo(0.2);
    expect(limiter.scarcity('course-list')).toBeCloseTo(22 / 36);
    await vi.advanceTimersByTimeAsync(60_001);
    expect(limiter.scarcity('enrollment')).toBe(0);
    limiter.pause('enrollment', 10);
    expect(limiter.scarcity('enrollment')).toBe(1);
  });

  test('what other processes spend counts here too, for a minute', async () => {
    const limiter = aLimiter();
    limiter.countElsewhere(115);
    expect(limiter.isOpen('enrollment', 'sign-up')).toBe(false);
    await vi.advanceTimersByTimeAsync(60_001);
    expect(limiter.isOpen('enrollment', 'sign-up')).toBe(true);
  });
});

describe('waiting', () => {
  test('a call whose deadline allows it waits for room and then goes', async () => {
    const limiter = aLimiter();
    await spend(limiter, 'enrollment', 115);
    const waiting = limiter.admit('enrollment', patient());
    expect(limiter.snapshot().waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(60_001);
    (await waiting).spend();
    expect(limiter.snapshot().waiting).toBe(0);
  });

  test('sign-ups go before viewers, viewers before staff, staff before bulk, whoever came first', async () => {
    const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 1 } });
    await spend(limiter, 'enrollment', 1);
    const order: string[] = [];
    const finished = (['bulk', 'staff', 'viewer', 'sign-up', 'viewer'] as const).map(async (priority) => {
      const ticket = await limiter.admit('enrollment', {
        priority,
        deadline: startDeadline('job', { ...timeouts, jobMs: 900_000 }),
      });
      order.push(priority);
      ticket.spend();
    });
    for (let minute = 0; minute < 5; minute += 1) await vi.advanceTimersByTimeAsync(60_001);
    await Promise.all(finished);
    expect(order).toEqual(['sign-up', 'viewer', 'viewer', 'staff', 'bulk']);
  });

  test('bulk work leaves a part of the budget to people, staff a part to learners, and they a part to sign-ups', async () => {
    const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 100 } });
    await spend(limiter, 'enrollment', 70);
    expect(limiter.isOpen('enrollment', 'bulk')).toBe(false);
    expect(limiter.isOpen('enrollment', 'staff')).toBe(true);
    await spend(limiter, 'enrollment', 20);
    expect(limiter.isOpen('enrollment', 'staff')).toBe(false);
    expect(limiter.isOpen('enrollment', 'viewer')).toBe(true);
    await spend(limiter, 'enrollment', 6);
    expect(limiter.isOpen('enrollment', 'viewer')).toBe(false);
    expect(limiter.isOpen('enrollment', 'sign-up')).toBe(true);
  });

  test('one whom others overtake until the deadline is refused then, not later', async () => {
    const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 1 } });
    const first = await limiter.admit('enrollment', now());
    await vi.advanceTimersByTimeAsync(55_000);
    first.refund();
    await spend(limiter, 'enrollment', 1);
    await vi.advanceTimersByTimeAsync(55_000);
    const outcome = limiter.admit('enrollment', now('viewer')).catch((error: unknown) => error);
    const overtaking = limiter.admit('enrollment', patient('sign-up'));
    await vi.advanceTimersByTimeAsync(8001);
    expect(await outcome).toMatchObject({ why: 'throttled' });
    (await overtaking).spend();
  });

  test('a caller who leaves frees the place', async () => {
    const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 1 } });
    await spend(limiter, 'enrollment', 1);
    const leaving = new AbortController();
    const waiting = limiter.admit('enrollment', { ...patient(), signal: leaving.signal });
    leaving.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(limiter.snapshot().waiting).toBe(0);
  });

  test('a refusal of the LMS itself holds the budget back for as long as it says, and only that budget', async () => {
    const limiter = aLimiter();
    limiter.pause('course-list', 20);
    await expect(limiter.admit('course-list', now())).rejects.toMatchObject({ retryAfterSeconds: 20 });
    await spend(limiter, 'enrollment', 1);
    const waiting = limiter.admit('course-list', patient());
    await vi.advanceTimersByTimeAsync(20_001);
    (await waiting).spend();
  });
});
