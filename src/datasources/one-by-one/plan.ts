import { latencyMs, priceOf } from '../cost/estimates.js';
import type { RecordedCost } from '../cost/recorded-costs.js';

export interface OneByOnePlan<K> {
  /** One call for each, in the order in which they were first wanted. */
  keys: K[];
  estimateMs: number;
}

/**
 * For what the LMS answers for one key at a time: each key once, whoever wants it, so many side by side.
 *
 * @param nameOf - keys of the same name are the same key
 */
export function planOneByOne<K>(
  wanted: readonly K[],
  { nameOf, cost, workers }: { nameOf(key: K): string; cost: RecordedCost; workers: number },
): OneByOnePlan<K> {
  const keys = new Map<string, K>();
  for (const key of wanted) if (!keys.has(nameOf(key))) keys.set(nameOf(key), key);
  const oneMs = keys.size === 0 ? 0 : priceOf(cost, cost.usualRows);
  return {
    keys: [...keys.values()],
    estimateMs: latencyMs({ longestChainMs: oneMs, totalMs: oneMs * keys.size }, workers),
  };
}
