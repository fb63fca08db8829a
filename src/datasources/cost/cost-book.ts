import type { Logger } from '../../logger.js';
import type { CallOptions } from '../upstream/call.js';
import { type CostModel, createCostModel } from './cost-model.js';
import type { PlanRecord } from './plan-trace.js';
import { type Endpoint, recordedCosts } from './recorded-costs.js';

export type PlannedRead = Pick<PlanRecord, 'plan' | 'wanted' | 'steps' | 'estimateMs'>;

/** Costs of the LMS's endpoints: planners ask them, readers teach them, and both say what they did. */
export interface CostBook extends Pick<CostModel<Endpoint>, 'costOf'> {
  /** Calls under way that are measured here, of whichever request. */
  callsUnderWay(): number;
  /**
   * Makes one call and learns what it cost. A call that fails teaches nothing.
   *
   * @param rowsOf - how many rows the answer has
   */
  measure<T>(
    endpoint: Endpoint,
    call: (options: CallOptions) => Promise<T>,
    rowsOf: (answer: T) => number,
    options: CallOptions,
  ): Promise<T>;
  /** Runs a plan and records it: in the caller's trace, and in the log at debug. */
  follow<T>(planned: PlannedRead, run: (options: CallOptions) => Promise<T>, options: CallOptions): Promise<T>;
}

export function createCostBook(logger: Pick<Logger, 'debug'>): CostBook {
  const model = createCostModel<Endpoint>(recordedCosts);
  let underWay = 0;
  return {
    costOf: model.costOf,
    callsUnderWay: () => underWay,
    async measure(endpoint, call, rowsOf, options) {
      // The last exchange is that of the answer: earlier ones are tries that failed.
      let durationMs: number | undefined;
      underWay += 1;
      try {
        const onExchange = (ms: number) => {
          durationMs = ms;
          options.onExchange?.(ms);
        };
        const answer = await call({ ...options, onExchange });
        if (durationMs !== undefined) model.learn(endpoint, rowsOf(answer), durationMs);
        return answer;
      } finally {
        underWay -= 1;
      }
    },
    async follow(planned, run, options) {
      const startedAt = performance.now();
      let calls = 0;
      const onExchange = (ms: number) => {
        calls += 1;
        options.onExchange?.(ms);
      };
      try {
        return await run({ ...options, onExchange });
      } finally {
        const actualMs = round(performance.now() - startedAt);
        const record = { ...planned, estimateMs: round(planned.estimateMs), calls, actualMs };
        options.trace?.add(record);
        logger.debug(record, 'planned read');
      }
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
