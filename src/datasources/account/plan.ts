import { latencyMs, priceOf, scoreOf } from '../cost/estimates.js';
import type { Cost } from '../cost/recorded-costs.js';

export interface AccountPlanOptions {
  /** Of a list of accounts; a row of it costs more than half a call. */
  list: Cost;
  workers: number;
  maxBytes: number;
  bytesOf(username: string): number;
  split(
    keys: readonly string[],
    limits: { maxCount: number; maxBytes: number; bytesOf(key: string): number },
  ): string[][];
}

export interface AccountPlan {
  lists: string[][];
  estimateMs: number;
}

/** Longer lists only take longer, and are more work to lose when they are cut off. */
const mostNames = 50;
/** A list of so few is there soon enough; shorter ones only are more calls. */
const fewNames = 25;

/**
 * Accounts by username: as few lists as can be, or shorter ones side by side where they are there sooner. What costs is the
 * account, not the call.
 *
 * @param usernames - those that the list takes: not empty, without commas
 */
export function planAccounts(usernames: readonly string[], options: AccountPlanOptions): AccountPlan {
  const wanted = [...new Map(usernames.map((name) => [name.toLowerCase(), name])).values()];
  if (wanted.length === 0) return { lists: [], estimateMs: 0 };
  const { split, maxBytes, bytesOf, list, workers } = options;
  const listsOf = (maxCount: number) => split(wanted, { maxCount, maxBytes, bytesOf });
  const fewest = listsOf(mostNames);
  const most = Math.max(fewest.length, Math.ceil(wanted.length / fewNames));
  const counts = Array.from({ length: most - fewest.length }, (_, index) => fewest.length + index + 1);
  const lengths = new Set(counts.map((count) => Math.ceil(wanted.length / count)).filter((names) => names >= fewNames));
  const plans = [fewest, ...[...lengths].map(listsOf)].map((lists) => {
    const prices = lists.map((names) => priceOf(list, names.length));
    const work = { longestChainMs: Math.max(...prices), totalMs: prices.reduce((sum, ms) => sum + ms, 0) };
    return { lists, estimateMs: latencyMs(work, workers), score: scoreOf(work, workers) };
  });
  const { lists, estimateMs } = plans.reduce((best, next) => (next.score < best.score ? next : best));
  return { lists, estimateMs };
}
