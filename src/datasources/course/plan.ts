import { latencyMs, priceOf } from '../cost/estimates.js';
import type { Cost } from '../cost/recorded-costs.js';

export type CourseStep = { kind: 'list'; courseKeys: string[] } | { kind: 'detail'; courseKey: string };

export interface CoursePlanOptions {
  maxBytes: number;
  bytesOf(courseKey: string): number;
  split(
    keys: readonly string[],
    limits: { maxCount: number; maxBytes: number; bytesOf(key: string): number },
  ): string[][];
  /** How much of the list's throttle, which is the tightest of the LMS, is used up: 1 when it would have to wait. */
  scarcity: number;
  /** False when the LMS ignores the filter by course keys. */
  hasKeysFilter: boolean;
  list: Cost;
  detail: Cost;
  workers: number;
}

export interface CoursePlan {
  steps: CourseStep[];
  estimateMs: number;
}

const maxKeys = 100;
/** From here on calls of the list are kept for those who want many runs. */
const scarce = 0.5;
/** Single reads are not throttled: they stand in for a list when they take no longer than this. */
const patienceMs = { scarce: 250, closed: 2000 };

/**
 * Course runs by key: lists of up to a hundred, the fewest there can be, since the LMS counts them. A lone key is read by
 * itself, which spends nothing of the list's throttle; so are more of them, the scarcer calls of the list are.
 *
 * @param courseKeys - well-formed; the list refuses all when one is not
 */
export function planCourses(courseKeys: readonly string[], options: CoursePlanOptions): CoursePlan {
  const wanted = [...new Set(courseKeys)];
  const details = latencyOf(
    wanted.map(() => priceOf(options.detail, 1)),
    options.workers,
  );
  if (wanted.length <= 1 || !options.hasKeysFilter || details <= patienceOf(options.scarcity))
    return { steps: wanted.map((courseKey) => ({ kind: 'detail', courseKey })), estimateMs: details };
  const lists = options.split(wanted, { maxCount: maxKeys, maxBytes: options.maxBytes, bytesOf: options.bytesOf });
  const prices = lists.map((keys) => priceOf(options.list, keys.length));
  return {
    steps: lists.map((keys) => ({ kind: 'list', courseKeys: keys })),
    estimateMs: latencyOf(prices, options.workers),
  };
}

function patienceOf(scarcity: number): number {
  if (scarcity >= 1) return patienceMs.closed;
  return scarcity >= scarce ? patienceMs.scarce : 0;
}

function latencyOf(prices: readonly number[], workers: number): number {
  const totalMs = prices.reduce((sum, ms) => sum + ms, 0);
  return latencyMs({ longestChainMs: Math.max(0, ...prices), totalMs }, workers);
}
