import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BreakerStatus, createBreaker } from '../../../../src/datasources/upstream/breaker.js';
import { createConcurrencyGate } from '../../../../src/datasources/upstream/concurrency-gate.js';
import { startDeadline } from '../../../../src/datasources/upstream/deadline.js';
import { unavailable } from '../../../../src/datasources/upstream/failure.js';
import { Health } from '../../../../src/datasources/upstream/health.js';
import { runWithRetries } from '../../../../src/datasources/upstream/retry.js';
import { UpstreamRejectedError } from '../../../../src/errors.js';

const timeouts = { tryMs: 3000, requestMs: 8000, jobMs: 60_000 };
const deadline = () => startDeadline('request', timeouts);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Fails with each error in turn, then answers. */
function failing(...errors: Error[]) {
  const attempt = vi.fn(async () => {
    const error = errors[attempt.mock.calls.length - 1];
    if (error) throw error;
    return 'answer';
  });
  return attempt;
}

async function run(attempt: () => Promise<string>, isIdempotent = true) {
  const outcome = runWithRetries(attempt, { deadline: deadline(), isIdempotent, random: () => 1 }).catch(
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(20_000);
  return outcome;
}

describe('retries', () => {
  const down = unavailable('lms', 'server-error', { status: 503 });

  test('a read is tried three times at most', async () => {
    const twice = failing(down, down);
    expect(await run(twice)).toBe('answer');
    const always = failing(down, down, down, down);
    expect(await run(always)).toBe(down);
    expect(always).toHaveBeenCalledTimes(3);
  });

  test('a refusal and an answer of the wrong shape are not tried again', async () => {
    for (const error of [
      new UpstreamRejectedError('no', { upstream: 'lms', status: 404 }),
      unavailable('lms', 'bad-answer', { cause: new Error('unexpected shape') }),
      unavailable('lms', 'credentials'),
      unavailable('lms', 'circuit-open'),
    ]) {
      const attempt = failing(error);
      expect(await run(attempt)).toBe(error);
      expect(attempt).toHaveBeenCalledTimes(1);
    }
  });

  test('a write is tried again only when it cannot have happened', async () => {
    const lost = failing(unavailable('lms', 'timeout', { mayHaveHappened: true }));
    expect(await run(lost, false)).toMatchObject({ mayHaveHappened: true });
    expect(lost).toHaveBeenCalledTimes(1);
    const neverSent = failing(unavailable('lms', 'unreachable'));
    expect(await run(neverSent, false)).toBe('answer');
  });

  test('Retry-After is kept when it fits into the deadline, and ends the tries when it does not', async () => {
    const soon = failing(unavailable('lms', 'throttled', { retryAfterSeconds: 5 }));
    const startedAt = performance.now();
    let answeredAt = 0;
    const outcome = runWithRetries(soon, { deadline: deadline(), isIdempotent: true }).finally(() => {
      answeredAt = performance.now();
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await outcome).toBe('answer');
    expect(answeredAt - startedAt).toBeGreaterThanOrEqual(5000);
    const late = failing(unavailable('lms', 'throttled', { retryAfterSeconds: 55 }));
    expect(await run(late)).toMatchObject({ retryAfterSeconds: 55 });
    expect(late).toHaveBeenCalledTimes(1);
  });
});

describe('circuit breaker', () => {
  function aBreaker() {
    const changes: BreakerStatus[] = [];
    const breaker = createBreaker({
      upstream: 'lms',
      now: () => new Date(),
      onChange: (status) => changes.push(status),
    });
    const fail = (error: Error) =>
      breaker.run('grade.read', () => Promise.reject(error)).catch((caught: unknown) => caught);
    return { breaker, changes, fail };
  }
  const timeout = unavailable('lms', 'timeout');

  test('five failures in a row open it; then calls fail at once, with what opened it on record', async () => {
    const { breaker, changes, fail } = aBreaker();
    for (let count = 0; count < 5; count += 1) await fail(timeout);
    expect(breaker.status()).toMatchObject({
      state: 'open',
      openedBy: { operation: 'grade.read', why: 'timeout', at: new Date() },
      since: new Date(),
    });
    expect(breaker.status().nextProbeAt?.getTime()).toBeGreaterThan(Date.now());
    expect(changes.map((change) => change.state)).toEqual(['open']);
    const attempt = vi.fn(async () => 'answer');
    await expect(breaker.run('grade.read', attempt)).rejects.toMatchObject({
      why: 'circuit-open',
      mayHaveHappened: false,
    });
    expect(attempt).not.toHaveBeenCalled();
  });

  test('after a pause one probe goes through; its success closes the circuit', async () => {
    const { breaker, changes, fail } = aBreaker();
    for (let count = 0; count < 5; count += 1) await fail(timeout);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await breaker.run('grade.read', async () => 'answer')).toBe('answer');
    expect(breaker.status()).toMatchObject({
      state: 'closed',
      since: undefined,
      openedBy: undefined,
      lastFailure: { operation: 'grade.read', why: 'timeout' },
      nextProbeAt: undefined,
    });
    expect(changes.map((change) => change.state)).toEqual(['open', 'half-open', 'closed']);
  });

  test('a probe that fails opens it again', async () => {
    const { breaker, fail } = aBreaker();
    for (let count = 0; count < 5; count += 1) await fail(timeout);
    await vi.advanceTimersByTimeAsync(30_000);
    await fail(unavailable('lms', 'unreachable'));
    expect(breaker.status()).toMatchObject({ state: 'open', openedBy: { why: 'unreachable' } });
  });

  test('who waits for the probe of another waits no longer than for an answer, and is not served after that', async () => {
    const { breaker, fail } = aBreaker();
    for (let count = 0; count < 5; count += 1) await fail(timeout);
    await vi.advanceTimersByTimeAsync(30_000);
    const probe = Promise.withResolvers<string>();
    const probing = breaker.run('grade.list', () => probe.promise);
    const late = vi.fn(async () => 'answer');
    const waiting = breaker.run('grade.read', late, { remainingMs: () => 3000 }).catch((error: unknown) => error);
    const patient = breaker.run('grade.read', async () => 'answer', { remainingMs: () => 60_000 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(await waiting).toMatchObject({ why: 'circuit-open', mayHaveHappened: false });
    probe.resolve('over');
    expect(await probing).toBe('over');
    expect(await patient).toBe('answer');
    expect(late).not.toHaveBeenCalled();
  });

  test('throttles, refusals and odd answers never open it', async () => {
    const { breaker, fail } = aBreaker();
    for (let count = 0; count < 20; count += 1) {
      await fail(unavailable('lms', 'throttled'));
      await fail(unavailable('lms', 'bad-answer'));
      await fail(unavailable('lms', 'credentials'));
      await fail(new UpstreamRejectedError('no', { upstream: 'lms', status: 400 }));
    }
    expect(breaker.status().state).toBe('closed');
  });
});

describe('concurrency', () => {
  const place = (priority: 'viewer' | 'bulk' | 'sign-up' = 'viewer') => ({ priority, deadline: deadline() });

  test('background work cannot take every slot', async () => {
    const gate = createConcurrencyGate({ upstream: 'lms', limit: 4, backgroundLimit: 2 });
    await gate.enter(true, place());
    const leave = await gate.enter(true, place());
    let isIn = false;
    const third = gate.enter(true, place()).then((leaveThird) => {
      isIn = true;
      return leaveThird;
    });
    await gate.enter(false, place());
    await gate.enter(false, place());
    await vi.advanceTimersByTimeAsync(10);
    expect(isIn).toBe(false);
    leave();
    await third;
    expect(isIn).toBe(true);
  });

  test('of equals in line those who have waited longest go first, whatever they ask for next; who matters more goes before', async () => {
    const gate = createConcurrencyGate({ upstream: 'lms', limit: 1, backgroundLimit: 1 });
    const begun = deadline();
    const leave = await gate.enter(false, place());
    const order: string[] = [];
    const pass = async (name: string, which: ReturnType<typeof place>) => {
      const leaveAgain = await gate.enter(false, which);
      order.push(name);
      leaveAgain();
    };
    await vi.advanceTimersByTimeAsync(5);
    const first = pass('newcomer', place());
    await vi.advanceTimersByTimeAsync(5);
    const passing = [
      first,
      pass('later', place()),
      pass('page that has begun', { priority: 'viewer', deadline: begun }),
      pass('its second call', { priority: 'viewer', deadline: begun }),
      pass('bulk that waits for long', { priority: 'bulk', deadline: begun }),
      pass('sign-up', place('sign-up')),
    ];
    const gone = new AbortController();
    const leaving = gate.enter(false, { priority: 'viewer', deadline: begun, signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    leave();
    await Promise.all(passing);
    expect(order).toEqual([
      'sign-up',
      'page that has begun',
      'its second call',
      'newcomer',
      'later',
      'bulk that waits for long',
    ]);
  });

  test('a call that finds no slot before its deadline fails as a timeout that cannot have happened', async () => {
    const gate = createConcurrencyGate({ upstream: 'lms', limit: 1, backgroundLimit: 1 });
    const leave = await gate.enter(false, place());
    const outcome = gate.enter(false, place()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(8001);
    expect(await outcome).toMatchObject({ why: 'timeout', mayHaveHappened: false });
    leave();
    await gate.enter(false, place());
  });
});

describe('health', () => {
  test('latency and error rate are those of the last five minutes', async () => {
    const health = new Health();
    health.record(9000, true);
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
    expect(health.snapshot()).toEqual({ calls: 0, errorRate: undefined, latencyMs: undefined });
    for (let ms = 1; ms <= 100; ms += 1) health.record(ms, ms > 90);
    expect(health.snapshot()).toEqual({ calls: 100, errorRate: 0.1, latencyMs: { p50: 50, p95: 95 } });
  });
});
