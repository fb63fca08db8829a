/** Fixed windows per address: registrations in 7 days, token calls in a minute. Kept in memory, as the LMS keeps them in its cache. */
export class AttemptWindows {
  readonly #windows = new Map<string, { count: number; endsAtMs: number }>();

  /** Counts one attempt. @returns whether it is within the limit */
  admit(kind: string, address: string, limit: number, windowSeconds: number, nowMs: number): boolean {
    const key = `${kind} ${address}`;
    const open = this.#windows.get(key);
    const window =
      open !== undefined && open.endsAtMs > nowMs ? open : { count: 0, endsAtMs: nowMs + windowSeconds * 1000 };
    window.count += 1;
    this.#windows.set(key, window);
    return window.count <= limit;
  }

  reset(): void {
    this.#windows.clear();
  }
}
