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

interface Waiting<Want, Grant> extends Waiter<Want, Grant> {
  readonly since: number;
}

/**
 * Those who wait for something scarce, each no longer than its deadline: by priority, then by how long their caller has waited. A page
 * that has begun is finished before the next one takes its place: fewer are half done at a time, and each is for a shorter time.
 */
export class WaitingLine<Want, Grant> {
  /** In the order of the priorities. */
  readonly #byPriority = new Map(priorities.map((priority) => [priority, [] as Waiting<Want, Grant>[]]));

  get length(): number {
    return [...this.#byPriority.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Those who are admitted while this goes on leave it; nobody may join meanwhile. */
  *inOrder(): Iterable<Waiter<Want, Grant>> {
    for (const waiters of this.#byPriority.values()) {
      for (let at = 0, waiter = waiters[at]; waiter; waiter = waiters[at]) {
        yield waiter;
        if (waiters[at] === waiter) at += 1;
      }
    }
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
    const waiters = this.#byPriority.get(priority) ?? [];
    const leave = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const place = waiters.indexOf(waiter);
      if (place >= 0) waiters.splice(place, 1);
    };
    const { since } = deadline;
    const waiter: Waiting<Want, Grant> = {
      want,
      priority,
      since,
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
    waiters.splice(waiters.findLastIndex((other) => other.since <= since) + 1, 0, waiter);
    return promise;
  }
}
