import { priceOf } from './estimates.js';
import type { Cost, RecordedCost } from './recorded-costs.js';

/** What each endpoint of one upstream costs: as recorded at first, as observed the more is seen. */
export interface CostModel<E extends string> {
  costOf(endpoint: E): Cost;
  /** One answer that came: how many rows it had, and how long the upstream took. */
  learn(endpoint: E, rows: number, durationMs: number): void;
}

/** How much older observations weigh after each new one: some thirty count. */
const memory = 0.97;
/** Observations that the recorded cost is worth, at no rows and at the usual number. */
const priorWeight = 2;
/** A single answer counts as at most so many times slower or faster than expected: a stall is no cost. */
const outlierFactor = 4;
/** Learned costs stay within this factor of the recorded ones. */
const bound = 200;
/** How many observations the pace of the whole upstream is averaged over. */
const paceMemory = 20;
/** How many of them the recorded pace is worth. */
const paceWeight = 4;

interface Sums {
  weight: number;
  rows: number;
  ms: number;
  rowsSquared: number;
  rowsTimesMs: number;
}

/**
 * Fits a cost per call and per row by least squares of relative errors, older observations fading. Endpoints that were not
 * seen yet are taken to be slower or faster than recorded as those are that were.
 */
export function createCostModel<E extends string>(recorded: Record<E, RecordedCost>): CostModel<E> {
  const seen = new Map<E, Sums>();
  let logPace = 0;
  let paceSamples = paceWeight;

  const add = (sums: Sums, factor: number, weight: number, rows: number, ms: number): Sums => ({
    weight: sums.weight * factor + weight,
    rows: sums.rows * factor + weight * rows,
    ms: sums.ms * factor + weight * ms,
    rowsSquared: sums.rowsSquared * factor + weight * rows * rows,
    rowsTimesMs: sums.rowsTimesMs * factor + weight * rows * ms,
  });
  /** Relative errors: a tenth of a long answer is worth as much as a tenth of a short one. */
  const weightAt = (endpoint: E, rows: number) => 1 / priceOf(recorded[endpoint], rows) ** 2;

  const costOf = (endpoint: E): Cost => {
    const { callMs, rowMs, usualRows } = recorded[endpoint];
    const pace = Math.exp(logPace);
    const observed = seen.get(endpoint) ?? nothing;
    const withPrior = [0, usualRows].reduce((sums, rows) => {
      const expectedMs = pace * priceOf({ callMs, rowMs }, rows);
      return add(sums, 1, priorWeight * weightAt(endpoint, rows), rows, expectedMs);
    }, observed);
    const fitted = usualRows === 0 ? { callMs: withPrior.ms / withPrior.weight, rowMs: 0 } : fitLine(withPrior);
    return { callMs: within(fitted.callMs, callMs), rowMs: within(fitted.rowMs, rowMs) };
  };

  return {
    costOf,
    learn(endpoint, rows, durationMs) {
      if (!(durationMs > 0) || !Number.isFinite(durationMs)) return;
      const { usualRows } = recorded[endpoint];
      const countedRows = usualRows === 0 ? 0 : rows;
      const expectedMs = priceOf(costOf(endpoint), countedRows);
      const ms = Math.min(Math.max(durationMs, expectedMs / outlierFactor), expectedMs * outlierFactor);
      const sums = seen.get(endpoint) ?? nothing;
      seen.set(endpoint, add(sums, memory, weightAt(endpoint, countedRows), countedRows, ms));
      paceSamples = Math.min(paceSamples + 1, paceMemory);
      logPace += (Math.log(ms / priceOf(recorded[endpoint], countedRows)) - logPace) / paceSamples;
    },
  };
}

const nothing: Sums = { weight: 0, rows: 0, ms: 0, rowsSquared: 0, rowsTimesMs: 0 };

/** The line with the least squares, neither part of it below nothing. */
function fitLine({ weight, rows, ms, rowsSquared, rowsTimesMs }: Sums): Cost {
  const spread = weight * rowsSquared - rows * rows;
  const rowMs = spread > 0 ? (weight * rowsTimesMs - rows * ms) / spread : 0;
  const callMs = (ms - rowMs * rows) / weight;
  if (rowMs < 0) return { callMs: ms / weight, rowMs: 0 };
  if (callMs < 0) return { callMs: 0, rowMs: rowsTimesMs / rowsSquared };
  return { callMs, rowMs };
}

function within(value: number, recorded: number): number {
  return Math.min(Math.max(value, recorded / bound), recorded * bound);
}
