import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCompany } from '../../../src/datasources/company.js';
import type { CallOptions } from '../../../src/datasources/upstream/call.js';
import { startDeadline } from '../../../src/datasources/upstream/deadline.js';
import { createWindowLimiter } from '../../../src/datasources/upstream/window-limiter.js';

const timeouts = { tryMs: 3000, requestMs: 8000, jobMs: 60_000 };
const pageRows = 100;
const pageMs = 80;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Learners who come evenly, each with so many rows; the LMS's budget and its pages are those of the product. */
async function letCome({ perSecond, seconds, rowsEach }: { perSecond: number; seconds: number; rowsEach: number }) {
  const limiter = createWindowLimiter({ upstream: 'lms', budgets: { enrollment: 115, 'course-list': 38 } });
  const countedAt: number[] = [];
  const read = createCompany<string, string[]>({
    nameOf: String,
    async read(keys, options) {
      const deadline = options.deadline ?? startDeadline('request', timeouts);
      for (let page = 0; page === 0 || page * pageRows < keys.length * rowsEach; page += 1) {
        const ticket = await limiter.admit('enrollment', { priority: 'viewer', deadline });
        countedAt.push(performance.now());
        await new Promise((resolve) => setTimeout(resolve, pageMs));
        ticket.spend();
      }
      return new Map(keys.map((key) => [key, { value: Array<string>(rowsEach).fill(key) }]));
    },
    scarcity: () => limiter.scarcity('enrollment'),
    maxKeys: 100,
    pageRows,
    rowsOf: (rows) => rows.length,
  });
  const waits: number[] = [];
  let refused = 0;
  for (let learner = 0; learner < perSecond * seconds; learner += 1) {
    const cameAt = performance.now();
    const options: CallOptions = { purpose: 'request', deadline: startDeadline('request', timeouts) };
    read([`learner${learner}`], options).then(
      () => waits.push(performance.now() - cameAt),
      () => {
        refused += 1;
      },
    );
    await vi.advanceTimersByTimeAsync(1000 / perSecond);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  const mostInAMinute = Math.max(
    ...countedAt.map((at) => countedAt.filter((other) => other >= at && other < at + 60_000).length),
  );
  return { refused, answered: waits.length, longestMs: Math.max(...waits), mostInAMinute };
}

describe('learners who come for minutes on end', () => {
  test.each([
    { perSecond: 25, rowsEach: 5 },
    { perSecond: 25, rowsEach: 3 },
    { perSecond: 10, rowsEach: 5 },
    { perSecond: 2, rowsEach: 5 },
  ])('$perSecond a second with $rowsEach enrollments each: none is refused, each waits little', async (rush) => {
    const { refused, answered, longestMs, mostInAMinute } = await letCome({ ...rush, seconds: 180 });
    expect(refused).toBe(0);
    expect(answered).toBe(rush.perSecond * 180);
    expect(longestMs).toBeLessThan(1_500);
    expect(mostInAMinute).toBeLessThanOrEqual(115);
  });
});
