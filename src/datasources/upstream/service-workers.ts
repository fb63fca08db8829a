import type { Priority } from './call.js';
import type { LimiterSnapshot, WindowLimiter } from './window-limiter.js';
import type { WorkerCredentials } from './worker-credentials.js';

/** A service user of the upstream, whose calls are counted for themselves. */
export interface ServiceWorker {
  readonly credentials: WorkerCredentials;
  readonly limiter: WindowLimiter;
}

/** The service users that share the load. They see the same, so that it does not matter who asks. */
export interface ServiceWorkers {
  /**
   * Who makes a call: of a budget, whoever has most of it left; else the first.
   *
   * @param budget - of the throttle that counts the call
   */
  pick(budget: string | undefined): ServiceWorker;
  /** Whether a call of this budget would go out without waiting. */
  isOpen(budget: string, priority: Priority): boolean;
  /** How much of the budgets of all of them is used up, 0..1. */
  scarcity(budget: string): number;
  /** Counts calls that other processes made in the name of one of them. */
  countElsewhere(worker: number, calls: number): void;
  snapshot(): LimiterSnapshot;
}

/** @param workers - at least one */
export function createServiceWorkers(workers: readonly [ServiceWorker, ...ServiceWorker[]]): ServiceWorkers {
  const [first] = workers;
  /** Whoever was picked last comes last: many who ask in one moment, before any of their calls is counted, are shared out too. */
  let inTurn: readonly ServiceWorker[] = workers;
  return {
    pick(budget) {
      if (budget === undefined || workers.length === 1) return first;
      const picked = inTurn.reduce((best, next) =>
        next.limiter.scarcity(budget) < best.limiter.scarcity(budget) ? next : best,
      );
      inTurn = [...inTurn.filter((worker) => worker !== picked), picked];
      return picked;
    },
    isOpen: (budget, priority) => workers.some(({ limiter }) => limiter.isOpen(budget, priority)),
    scarcity: (budget) => workers.reduce((sum, { limiter }) => sum + limiter.scarcity(budget), 0) / workers.length,
    countElsewhere: (worker, calls) => workers[worker]?.limiter.countElsewhere(calls),
    snapshot: () => workers.map(({ limiter }) => limiter.snapshot()).reduce(add),
  };
}

/** Together they may do as much as each of them; a budget is on hold while it is for all. */
function add(one: LimiterSnapshot, other: LimiterSnapshot): LimiterSnapshot {
  const budgets = Object.entries(one.budgets).map(([name, budget]) => {
    const { limit = 0, pausedForSeconds = 0 } = other.budgets[name] ?? {};
    return [
      name,
      { limit: budget.limit + limit, pausedForSeconds: Math.min(budget.pausedForSeconds, pausedForSeconds) },
    ] as const;
  });
  return {
    used: one.used + other.used,
    waiting: one.waiting + other.waiting,
    budgets: Object.fromEntries(budgets),
  };
}
