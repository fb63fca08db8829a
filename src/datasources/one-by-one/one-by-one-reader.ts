import type { CostBook } from '../cost/cost-book.js';
import { usualWorkers } from '../cost/estimates.js';
import { createLanes } from '../cost/lanes.js';
import { type Endpoint, recordedCosts } from '../cost/recorded-costs.js';
import { answerEach, type KeyedAnswers } from '../keyed-answers.js';
import type { CallOptions } from '../upstream/call.js';
import { planOneByOne } from './plan.js';

export interface OneByOneOptions<K, V> {
  /** As plans are named for people, e.g. `certificates`. */
  plan: string;
  endpoint: Endpoint;
  costs: CostBook;
  nameOf(key: K): string;
  read(key: K, options: CallOptions): Promise<V>;
  rowsOf(value: V): number;
  /** What stands for an answer of the LMS to a key that it cannot read, and would answer with an error; else undefined. */
  answerOf?(key: K): { value: V } | undefined;
}

/**
 * Reads what the LMS answers for one key at a time. A page of many keys takes no more of the LMS than it works on at once, and one
 * key that fails is an error for itself.
 */
export function createOneByOneReader<K, V>({
  plan,
  endpoint,
  costs,
  nameOf,
  read,
  rowsOf,
  answerOf = () => undefined,
}: OneByOneOptions<K, V>): (keys: readonly K[], options: CallOptions) => Promise<KeyedAnswers<V>> {
  return async (wanted, options) => {
    const answered = wanted.flatMap((key) => {
      const answer = answerOf(key);
      return answer ? [[nameOf(key), answer] as const] : [];
    });
    const askable = wanted.filter((key) => !answerOf(key));
    if (askable.length === 0) return new Map(answered);
    const cost = { ...recordedCosts[endpoint], ...costs.costOf(endpoint) };
    const { keys, estimateMs } = planOneByOne(askable, { nameOf, cost, workers: usualWorkers });
    const lanes = createLanes(usualWorkers);
    const run = async (call: CallOptions) => {
      const readOne = (key: K) => lanes(() => costs.measure(endpoint, (each) => read(key, each), rowsOf, call));
      const answers = await answerEach(keys, readOne, nameOf);
      for (const [name, answer] of answered) answers.set(name, answer);
      return answers;
    };
    return costs.follow({ plan, wanted: wanted.length, steps: { [endpoint]: keys.length }, estimateMs }, run, options);
  };
}
