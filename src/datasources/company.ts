import { joinTraces } from './cost/plan-trace.js';
import type { Answer, KeyedAnswers } from './keyed-answers.js';
import { type CallOptions, priorities, priorityOf } from './upstream/call.js';
import { isAwaited } from './upstream/purpose.js';

export interface CompanyOptions<K, V> {
  /** Reads many keys in the fewest calls; an answer or error for each, by name. */
  read(keys: readonly K[], options: CallOptions): Promise<KeyedAnswers<V>>;
  /** Keys of the same name are the same key. */
  nameOf(key: K): string;
  /** How much of the calls' budget is used up, 0..1. */
  scarcity(): number;
  /** Most keys of one call. */
  maxKeys: number;
  /** Rows that one call brings; a further call brings the next ones, so that company beyond it saves nothing. */
  pageRows: number;
  rowsOf(value: V): number;
  /** Answers that another process has read while the call waited, in the order of the keys. */
  readElsewhere?(keys: readonly K[]): Promise<readonly (Answer<V> | undefined)[]>;
}

/** Below it every read goes out at once. */
const plentiful = 0.05;
/** From here on reads wait for as long as they may: early enough that a rush of a minute does not meet an empty budget. */
const scarce = 0.45;
const maxWaitMs = 1_000;
/** Nobody waits where hardly anybody comes: so many reads within so long make company likely. */
const likely = { reads: 5, withinMs: 10_000 };
/** Pages are not filled to the brim: learners differ in their numbers of rows. */
const fill = 0.95;
/** How much the last call weighs in the average. */
const newWeight = 0.2;

/** How long a read waits for others to travel with: nothing while calls are plentiful, at most a second. */
export function companyMs(scarcity: number): number {
  return Math.round(maxWaitMs * Math.min(1, Math.max(0, (scarcity - plentiful) / (scarce - plentiful))));
}

interface Journey<K, V> {
  keys: Map<string, K>;
  travellers: CallOptions[];
  timer: NodeJS.Timeout | undefined;
  answers: Promise<KeyedAnswers<V>>;
  depart(): void;
}

/**
 * Lets the keys of several requests go out in one call where the upstream counts calls. A call leaves when its page is full, or
 * when the first of its keys has waited for long enough.
 */
export function createCompany<K, V>(options: CompanyOptions<K, V>): CompanyOptions<K, V>['read'] {
  const { read, nameOf, scarcity, maxKeys, pageRows, rowsOf, readElsewhere } = options;
  let waiting: Journey<K, V> | undefined;
  let rowsOfKey: number | undefined;
  let cameAt: number[] = [];

  const isCompanyLikely = () => {
    const now = performance.now();
    cameAt = [...cameAt.filter((at) => now - at < likely.withinMs), now].slice(-likely.reads);
    return cameAt.length >= likely.reads;
  };
  const capacity = () =>
    rowsOfKey === undefined ? maxKeys : Math.max(1, Math.min(maxKeys, Math.floor((pageRows * fill) / rowsOfKey)));
  const learn = (answers: KeyedAnswers<V>) => {
    const rows = [...answers.values()].flatMap((answer) => ('value' in answer ? [rowsOf(answer.value)] : []));
    if (rows.length === 0) return;
    const average = rows.reduce((sum, count) => sum + count, 0) / rows.length;
    // A key without rows costs a place in the URL all the same.
    rowsOfKey = Math.max(0.5, rowsOfKey === undefined ? average : rowsOfKey + newWeight * (average - rowsOfKey));
  };
  const travel = async (keys: readonly K[], travellers: readonly CallOptions[]) => {
    const answers = await read(keys, together(travellers));
    learn(answers);
    return answers;
  };
  /** Leaves those at home whose answer has come meanwhile. */
  const setOut = async ({ keys: named, travellers }: Journey<K, V>) => {
    const keys = [...named.values()];
    const there = (await readElsewhere?.(keys)) ?? [];
    const left = keys.filter((_, index) => there[index] === undefined);
    const answers: KeyedAnswers<V> = left.length > 0 ? new Map(await travel(left, travellers)) : new Map();
    for (const [index, key] of keys.entries()) {
      const answer = there[index];
      if (answer) answers.set(nameOf(key), answer);
    }
    return answers;
  };
  const open = (waitMs: number): Journey<K, V> => {
    const { promise, resolve } = Promise.withResolvers<KeyedAnswers<V>>();
    const journey: Journey<K, V> = {
      keys: new Map(),
      travellers: [],
      timer: undefined,
      answers: promise,
      depart() {
        clearTimeout(journey.timer);
        if (waiting === journey) waiting = undefined;
        resolve(setOut(journey));
      },
    };
    journey.timer = setTimeout(() => journey.depart(), waitMs);
    return journey;
  };

  return async (keys, callOptions) => {
    const waitMs = isCompanyLikely() && !waiting ? companyMs(scarcity()) : 0;
    if (!waiting && (waitMs === 0 || keys.length >= capacity())) {
      return travel(keys, [callOptions]);
    }
    waiting ??= open(waitMs);
    const journey = waiting;
    for (const key of keys) journey.keys.set(nameOf(key), key);
    journey.travellers.push(callOptions);
    if (journey.keys.size >= capacity()) journey.depart();
    return journey.answers;
  };
}

/** What holds for all who travel: as important as the most important of them, for as long as the most patient of them waits. */
function together(travellers: readonly CallOptions[]): CallOptions {
  const awaited = travellers.filter(({ purpose }) => isAwaited(purpose));
  const deciding = awaited.length > 0 ? awaited : travellers;
  const first =
    deciding.find(({ purpose }) => purpose === 'request') ?? deciding[0] ?? ({ purpose: 'refresh' } as const);
  const [priority] = travellers.map(priorityOf).sort((a, b) => priorities.indexOf(a) - priorities.indexOf(b));
  const deadlines = deciding.flatMap(({ deadline }) => (deadline ? [deadline] : []));
  const latest = deadlines.toSorted((a, b) => b.remainingMs() - a.remainingMs())[0];
  const trace = joinTraces(travellers.map((traveller) => traveller.trace));
  return { ...first, priority, trace, deadline: deadlines.length === deciding.length ? latest : undefined };
}
