import type { UpstreamName } from '../../errors.js';
import type { Priority } from './call.js';
import { unavailable } from './failure.js';
import { type Place, WaitingLine } from './waiting-line.js';

/** Permission for one counted call. Exactly one of the two is called when the call is over. */
export interface Ticket {
  /** The upstream counted the call. */
  spend(): void;
  /** The upstream did not count it: it never arrived, or was refused before it was counted. */
  refund(): void;
}

export interface LimiterSnapshot {
  /** Counted calls within the last window, those under way included. */
  used: number;
  waiting: number;
  budgets: Record<string, { limit: number; pausedForSeconds: number }>;
}

export interface WindowLimiter {
  /**
   * Waits until a call of this budget may go out.
   *
   * @throws UpstreamUnavailableError (`throttled`) at once when that cannot be before the deadline
   */
  admit(budget: string, place: Place): Promise<Ticket>;
  /** Whether a call of this budget would go out without waiting. */
  isOpen(budget: string, priority: Priority): boolean;
  /** How much of the window is used up: 0 when it is all there, 1 when a call would have to wait. */
  scarcity(budget: string): number;
  /** Counts calls that another process made in the name of the same service user. */
  countElsewhere(calls: number): void;
  /** Holds a budget back after the upstream refused a call of it, e.g. because another process spent it. */
  pause(budget: string, seconds: number): void;
  snapshot(): LimiterSnapshot;
}

/** What part of a budget a priority may use up; the rest is kept for those who matter more. */
const shares: Record<Priority, number> = { 'sign-up': 1, viewer: 0.96, staff: 0.9, bulk: 0.7 };

/**
 * A sliding window over all calls that the upstream counts for one service user. Budgets share the one counter: a call
 * passes while the total is below the limit of its own budget, as LMS throttles of different rates with one cache key do.
 *
 * @param budgets - most counted calls in a window, by name
 * @param onAdmit - told of each call that goes out, so that other processes can count it
 */
export function createWindowLimiter({
  upstream,
  budgets,
  windowMs = 60_000,
  now = () => performance.now(),
  onAdmit = () => {},
}: {
  upstream: UpstreamName;
  budgets: Record<string, number>;
  onAdmit?: (() => void) | undefined;
  windowMs?: number;
  now?: () => number;
}): WindowLimiter {
  /** Calls that have no answer yet: the upstream counts each of them at some moment until it has one. */
  let underWay = 0;
  /** When the answers of the others came, oldest first; those up to `expired` are over. */
  let settled: number[] = [];
  let expired = 0;
  const pausedUntil = new Map<string, number>();
  const line = new WaitingLine<string, Ticket>();
  let wakeUp: NodeJS.Timeout | undefined;

  const limitOf = (budget: string, priority: Priority) =>
    Math.max(1, Math.floor((budgets[budget] ?? 0) * shares[priority]));
  const dropExpired = () => {
    const oldest = now() - windowMs;
    while ((settled[expired] ?? Number.POSITIVE_INFINITY) <= oldest) expired += 1;
    // Now and then: with thousands in the window it costs more than all else about a call to move them for each one that goes.
    if (expired < 1000 || expired < settled.length / 2) return;
    settled = settled.slice(expired);
    expired = 0;
  };
  const used = () => underWay + settled.length - expired;
  const pauseEnd = (budget: string) => pausedUntil.get(budget) ?? 0;
  const mayPass = (budget: string, priority: Priority) =>
    pauseEnd(budget) <= now() && used() < limitOf(budget, priority);

  /** When a newcomer could pass at the earliest, if everyone ahead goes first. */
  const earliestPass = (budget: string, priority: Priority) => {
    const excess = used() + line.countAhead(budget, priority) - limitOf(budget, priority) + 1;
    // What is under way is counted until now, and so the last to be forgotten.
    const byCount = excess <= 0 ? now() : (settled[expired + excess - 1] ?? now()) + windowMs;
    return Math.max(byCount, pauseEnd(budget));
  };

  const admitWaiters = () => {
    dropExpired();
    for (const waiter of line.inOrder()) if (mayPass(waiter.want, waiter.priority)) waiter.admit(take());
    clearTimeout(wakeUp);
    if (line.length === 0) return;
    const pauses = [...pausedUntil.values()].filter((end) => end > now());
    const next = Math.min((settled[expired] ?? Number.POSITIVE_INFINITY) + windowMs, ...pauses);
    if (Number.isFinite(next)) wakeUp = setTimeout(admitWaiters, Math.max(1, Math.ceil(next - now())));
  };

  const take = (): Ticket => {
    underWay += 1;
    onAdmit();
    const settle = (isCounted: boolean) => {
      underWay -= 1;
      if (isCounted) settled.push(now());
      admitWaiters();
    };
    return { spend: () => settle(true), refund: () => settle(false) };
  };

  return {
    async admit(budget, place) {
      const { priority, deadline } = place;
      dropExpired();
      if (line.countAhead(budget, priority) === 0 && mayPass(budget, priority)) return take();
      const tooLate = () => {
        const waitMs = Math.max(0, earliestPass(budget, priority) - now());
        return unavailable(upstream, 'throttled', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
      };
      if (earliestPass(budget, priority) > now() + deadline.remainingMs()) throw tooLate();
      const turn = line.join(budget, place, tooLate);
      admitWaiters();
      return turn;
    },
    isOpen(budget, priority) {
      dropExpired();
      return line.countAhead(budget, priority) === 0 && mayPass(budget, priority);
    },
    scarcity(budget) {
      dropExpired();
      if (pauseEnd(budget) > now()) return 1;
      return Math.min(1, (used() + line.length) / limitOf(budget, 'viewer'));
    },
    countElsewhere(count) {
      dropExpired();
      for (let call = 0; call < count; call += 1) settled.push(now());
    },
    pause(budget, seconds) {
      pausedUntil.set(budget, Math.max(pauseEnd(budget), now() + seconds * 1000));
    },
    snapshot() {
      dropExpired();
      const named = Object.entries(budgets).map(
        ([name, limit]) =>
          [name, { limit, pausedForSeconds: Math.max(0, Math.ceil((pauseEnd(name) - now()) / 1000)) }] as const,
      );
      return { used: used(), waiting: line.length, budgets: Object.fromEntries(named) };
    },
  };
}
