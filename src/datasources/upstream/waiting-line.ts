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
  readonly #waiters: Waiter<Want, Grant>[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  /** A snapshot: admitting while iterating is safe. */
  inOrder(): readonly Waiter<Want, Grant>[] {
    return [...this.#waiters];
  }

  /** How many of those who want the same would go before a newcomer of this priority. */
  countAhead(want: Want, priority: Priority): number {
    return this.#waiters.filter((waiter) => waiter.want === want && rankOf(waiter.priority) <= rankOf(priority)).length;
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
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
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
    const position = this.#waiters.findIndex((other) => rankOf(other.priority) > rankOf(priority));
    this.#waiters.splice(position < 0 ? this.#waiters.length : position, 0, waiter);
    return promise;
  }
}

function rankOf(priority: Priority): number {
  return priorities.indexOf(priority);
}
