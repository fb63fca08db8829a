import type { Cost } from './recorded-costs.js';

/** Calls that an LMS works on at a time: two processes of four threads, as is usual. More of them only wait there. */
export const usualWorkers = 8;

/**
 * How much the work of a plan counts beside its latency. A plan may take so much of the fastest plan's time longer when it
 * spares the LMS that much work, which others wait for.
 */
const workShare = 0.2;

/** Milliseconds for one answer of so many rows. */
export function priceOf({ callMs, rowMs }: Cost, rows: number): number {
  return callMs + rowMs * rows;
}

/** Calls that wait for each other are one chain; a call that waits for none is a chain of its own. */
export interface Work {
  longestChainMs: number;
  totalMs: number;
}

/**
 * How long a page waits for calls that can be made side by side: no shorter than the longest chain, nor than all the work
 * shared among the workers.
 */
export function latencyMs({ longestChainMs, totalMs }: Work, workers: number): number {
  return Math.max(longestChainMs, totalMs / workers);
}

/** What plans are compared by, in milliseconds. Lower is better. */
export function scoreOf(work: Work, workers: number): number {
  return latencyMs(work, workers) + (workShare * work.totalMs) / workers;
}
