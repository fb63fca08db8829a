import { latencyMs, priceOf } from '../cost/estimates.js';
import type { Cost } from '../cost/recorded-costs.js';

export interface MappingPlanOptions {
  list: Cost;
  workers: number;
  maxBytes: number;
  bytesOf(id: string): number;
  split(
    keys: readonly string[],
    limits: { maxCount: number; maxBytes: number; bytesOf(key: string): number },
  ): string[][];
}

export interface MappingPlan {
  lists: string[][];
  estimateMs: number;
}

/** So that all rows fit on one page of a hundred, also when somebody has two links. */
const mostIds = 50;

/**
 * ID mapping of users or of remote ids: a row costs next to nothing, so that the fewest lists are the best.
 *
 * @param ids - those that are empty would ask for everybody, and a comma makes two of one: they have no mapping
 */
export function planMappings(ids: readonly string[], options: MappingPlanOptions): MappingPlan {
  const { list, workers, maxBytes, bytesOf, split } = options;
  const askable = ids.filter((id) => id !== '' && !id.includes(','));
  const wanted = [...new Map(askable.map((id) => [id.toLowerCase(), id])).values()];
  const lists = split(wanted, { maxCount: mostIds, maxBytes, bytesOf });
  const prices = lists.map((some) => priceOf(list, some.length));
  const totalMs = prices.reduce((sum, ms) => sum + ms, 0);
  return { lists, estimateMs: latencyMs({ longestChainMs: Math.max(0, ...prices), totalMs }, workers) };
}
