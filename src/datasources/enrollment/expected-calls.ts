import type { CostBook } from '../cost/cost-book.js';
import { latencyMs, priceOf, usualWorkers } from '../cost/estimates.js';
import type { Endpoint } from '../cost/recorded-costs.js';
import type { EnrollmentStep } from './plan.js';

const pageSize = 100;
/** What a learner has on average, and a course run, for want of knowing better. */
const rowsOfLearner = 5;
const rowsOfRun = 100;

/** What steps are expected to take: calls by endpoint, and the time until the last answer. */
export function expectCalls(
  steps: readonly EnrollmentStep[],
  costOf: CostBook['costOf'],
): { steps: Record<string, number>; estimateMs: number } {
  const calls: Record<string, number> = {};
  const work = { longestChainMs: 0, totalMs: 0 };
  for (const step of steps) {
    const endpoint = endpointOf(step);
    const rows = expectedRows(step);
    const pages = step.kind === 'list' ? Math.max(1, Math.ceil(rows / pageSize)) : 1;
    const cost = costOf(endpoint);
    const chainMs = priceOf(cost, rows) + (pages - 1) * cost.callMs;
    calls[endpoint] = (calls[endpoint] ?? 0) + pages;
    work.longestChainMs = Math.max(work.longestChainMs, chainMs);
    work.totalMs += chainMs;
  }
  return { steps: calls, estimateMs: latencyMs(work, usualWorkers) };
}

function endpointOf(step: EnrollmentStep): Endpoint {
  if (step.kind === 'user') return 'enrollment.list-of-user';
  if (step.kind === 'pair') return 'enrollment.read';
  return step.courseKeys ? 'enrollment.list-by-runs' : 'enrollment.list';
}

function expectedRows(step: EnrollmentStep): number {
  if (step.kind === 'pair') return 1;
  if (step.kind === 'user') return rowsOfLearner;
  const runs = step.courseKeys?.length ?? (step.courseKey === undefined ? undefined : 1);
  if (step.usernames === undefined) return (runs ?? 1) * rowsOfRun;
  return step.usernames.length * Math.min(rowsOfLearner, runs ?? rowsOfLearner);
}
