/** Fixed windows per address: registrations in 7 days, token calls in a minute. Kept in memory, as the LMS keeps them in its cache. */
export class AttemptWindows {
  readonly #windows = new Map<string, { count: number; endsAtMs: number }>();

  /** Counts one attempt. @returns whether it is within the limit */
  admit(kind: string, address: string, limit: number, windowSeconds: number, nowMs: number): boolean {
    const key = `${kind} ${address}`;
    const endsAtMs = nowMs + windowSeconds * 1000;
    const open = this.#windows.get(key);
    // One that ends later than a new one would was opened while the clock was ahead.
    const isOpen = open !== undefined && open.endsAtMs > nowMs && open.endsAtMs <= endsAtMs;
    const window = isOpen ? open : { count: 0, endsAtMs };
    window.count += 1;
    this.#windows.set(key, window);
    return window.count <= limit;
  }

  reset(): void {
    this.#windows.clear();
  }
}
