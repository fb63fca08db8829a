import { type Priority, priorities } from './call.js';
import type { Deadline } from './deadline.js';

export interface Place {
  priority: Priority;
  deadline: Deadline;
  signal?: AbortSignal | undefined;
}

export interface Waiter<Want, Grant> {
  readonly want: Want;
  readonly priority: Priority;
  /** Lets the waiter go on; it leaves the line. */
  admit(grant: Grant): void;
}

/** Those who wait for something scarce: by priority, then in the order of arrival, each no longer than its deadline. */
export class WaitingLine<Want, Grant> {
  /** In the order of the priorities; a set keeps the order of arrival, and whoever leaves costs nothing. */
  readonly #byPriority = new Map(priorities.map((priority) => [priority, new Set<Waiter<Want, Grant>>()]));

  get length(): number {
    return [...this.#byPriority.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Those who are admitted while this goes on leave it; nobody may join meanwhile. */
  *inOrder(): Iterable<Waiter<Want, Grant>> {
    for (const waiters of this.#byPriority.values()) yield* waiters;
  }

  /** How many of those who want the same would go before a newcomer of this priority. */
  countAhead(want: Want, priority: Priority): number {
    let count = 0;
    for (const [other, waiters] of this.#byPriority) {
      for (const waiter of waiters) if (waiter.want === want) count += 1;
      if (other === priority) break;
    }
    return count;
  }

  /**
   * @param tooLate - makes the error for a wait that reaches its deadline
   * @returns what the admission grants; rejects at the deadline, and with the signal's reason when the caller leaves
   */
  join(want: Want, { priority, deadline, signal }: Place, tooLate: () => Error): Promise<Grant> {
    const { promise, resolve, reject } = Promise.withResolvers<Grant>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const leave = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#byPriority.get(priority)?.delete(waiter);
    };
    const waiter: Waiter<Want, Grant> = {
      want,
      priority,
      admit: (grant) => {
        leave();
        resolve(grant);
      },
    };
    const onAbort = () => {
      leave();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      leave();
      reject(tooLate());
    }, deadline.remainingMs());
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#byPriority.get(priority)?.add(waiter);
    return promise;
  }
}
