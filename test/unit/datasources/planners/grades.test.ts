import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latencyMs, priceOf, scoreOf } from '../../../../src/datasources/cost/estimates.js';
import { type CourseSize, type GradeStep, planGrades } from '../../../../src/datasources/grade/plan.js';
import { property } from './cases.js';

const aRun = fc.record({
  wanted: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 })),
  size: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
});
const someRuns = fc.array(aRun, { maxLength: 5 });
const aSingle = fc.record({ callMs: fc.double({ min: 1, max: 400, noNaN: true }), rowMs: fc.constant(0) });
const aPage = fc.record({
  callMs: fc.double({ min: 1, max: 600, noNaN: true }),
  rowMs: fc.double({ min: 0.01, max: 12, noNaN: true }),
});
const someWorkers = fc.integer({ min: 1, max: 12 });

type Runs = readonly { wanted: number; size: number | undefined }[];
const wantsOf = (runs: Runs) =>
  runs.flatMap(({ wanted }, run) =>
    Array.from({ length: wanted }, (_, user) => ({ courseKey: `c${run}`, username: `u${user}` })),
  );
const sizeOf = (runs: Runs) => (courseKey: string) => {
  const rows = runs[Number(courseKey.slice(1))]?.size;
  return rows === undefined ? undefined : ({ rows, isComplete: true } satisfies CourseSize);
};

test('exact grades: every wanted grade is in exactly one step, whatever the costs', () => {
  property<[Runs, { callMs: number; rowMs: number }, { callMs: number; rowMs: number }, number]>(
    'exact grades',
    [someRuns, aSingle, aPage, someWorkers],
    (runs, single, page, workers) => {
      const wants = wantsOf(runs);
      // The same learner in another spelling is the same learner.
      const spelled = [...wants, ...wants.map((want) => ({ ...want, username: want.username.toUpperCase() }))];
      const { steps, estimateMs, calls } = planGrades(spelled, { single, page, sizeOf: sizeOf(runs), workers });
      const covered = steps.flatMap((step) =>
        (step.kind === 'scan' ? step.usernames : [step.username]).map(
          (username) => `${step.courseKey} ${username.toLowerCase()}`,
        ),
      );
      expect(covered.toSorted()).toEqual(wants.map(({ courseKey, username }) => `${courseKey} ${username}`).toSorted());
      expect(Number.isFinite(estimateMs)).toBe(true);
      expect(calls.singles).toBe(steps.filter((step) => step.kind === 'single').length);
      for (const step of steps) if (step.kind === 'scan') expect([50, 100, 200, 500]).toContain(step.pageSize);
    },
  );
});

test('exact grades: no choice of runs to scan is better than the plan, by the costs that it was made with', () => {
  property<[Runs, { callMs: number; rowMs: number }, { callMs: number; rowMs: number }, number]>(
    'exact grades, best plan',
    [someRuns.filter((runs) => runs.length > 0), aSingle, aPage, someWorkers],
    (runs, single, page, workers) => {
      const options = { single, page, sizeOf: sizeOf(runs), workers };
      const { steps, estimateMs } = planGrades(wantsOf(runs), options);
      const priced = priceSteps(steps, runs, options);
      expect(estimateMs).toBeCloseTo(latencyMs(priced, workers), 3);
      // The oracle: all subsets of runs, each scanned with the page size that the planner takes for it alone.
      const everyWant = Map.groupBy(wantsOf(runs), ({ courseKey }) => courseKey);
      const bestScore = Math.min(
        ...Array.from({ length: 2 ** runs.length }, (_, subset) => {
          const everyStep = runs.flatMap((run, at): GradeStep[] => {
            const own = everyWant.get(`c${at}`) ?? [];
            if (((subset >> at) & 1) === 0) return own.map((want) => ({ kind: 'single', ...want }));
            const usernames = own.map(({ username }) => username);
            return [{ kind: 'scan', courseKey: `c${at}`, usernames, pageSize: pageSizeOf(run.size, page) }];
          });
          return scoreOf(priceSteps(everyStep, runs, options), workers);
        }),
      );
      expect(scoreOf(priced, workers)).toBeLessThanOrEqual(bestScore * (1 + 1e-9));
    },
  );
});

/** What the steps take, counted one by one. */
function priceSteps(
  steps: readonly GradeStep[],
  runs: Runs,
  { single, page }: { single: { callMs: number; rowMs: number }; page: { callMs: number; rowMs: number } },
) {
  const singleMs = priceOf(single, 1);
  const chains = steps.map((step) => {
    if (step.kind === 'single') return singleMs;
    const { size, wanted = 0 } = runs[Number(step.courseKey.slice(1))] ?? {};
    const rows = size ?? Math.max(200, wanted);
    return Math.max(1, Math.ceil(rows / step.pageSize)) * page.callMs + rows * page.rowMs;
  });
  return { longestChainMs: Math.max(0, ...chains), totalMs: chains.reduce((sum, ms) => sum + ms, 0) };
}

function pageSizeOf(size: number | undefined, page: { callMs: number; rowMs: number }): number {
  const affordable = [50, 100, 200, 500].filter((rows) => priceOf(page, rows) <= 1000);
  const largest = affordable.at(-1) ?? 50;
  if (size === undefined) return Math.min(200, largest);
  return affordable.find((rows) => rows >= size * 1.1) ?? largest;
}

test('trap of small pages: a run that fits on one page is scanned by one call', () => {
  const options = { single: { callMs: 31, rowMs: 0 }, page: { callMs: 70, rowMs: 1.37 }, workers: 8 };
  const wants = Array.from({ length: 100 }, (_, user) => ({ courseKey: 'c0', username: `u${user}` }));
  const { calls } = planGrades(wants, { ...options, sizeOf: () => ({ rows: 250, isComplete: true }) });
  expect(calls).toEqual({ singles: 0, pages: 1 });
});

test('an LMS that is far slower is asked for smaller pages, since a page that is cut off is lost work', () => {
  const options = { single: { callMs: 500, rowMs: 0 }, page: { callMs: 300, rowMs: 6 }, workers: 8 };
  const wants = Array.from({ length: 100 }, (_, user) => ({ courseKey: 'c0', username: `u${user}` }));
  const { steps } = planGrades(wants, { ...options, sizeOf: () => ({ rows: 250, isComplete: true }) });
  expect(steps).toMatchObject([{ kind: 'scan', pageSize: 100 }]);
});
