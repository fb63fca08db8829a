/** How much one caller may ask of connections that stay. */
export const socketLimits = {
  connectionsPerCaller: 20,
  operationsPerSocket: 50,
  /** Of one message from a client. */
  messageBytes: 128 * 1024,
  /** Of answers that a client does not take; above it the client is let go. */
  bufferedBytes: 1024 * 1024,
  /** How often a socket is asked whether it lives: well within the minute after which proxies give up what is silent. */
  heartbeatMs: 25_000,
  /** How long a socket may take to close when Portico stops. */
  closeMs: 2_000,
} as const;

/** Counts open connections of each caller. */
export class ConnectionCounter {
  readonly #counts = new Map<string, number>();

  /** @returns false when the caller has as many as it may have */
  add(callerId: string): boolean {
    const count = this.#counts.get(callerId) ?? 0;
    if (count >= socketLimits.connectionsPerCaller) return false;
    this.#counts.set(callerId, count + 1);
    return true;
  }

  remove(callerId: string): void {
    const count = this.#counts.get(callerId) ?? 0;
    if (count <= 1) this.#counts.delete(callerId);
    else this.#counts.set(callerId, count - 1);
  }
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * Ends a connection when its caller's token ends; clients may come back with a new one.
 *
 * @returns how not to
 */
export function endAtExpiry(expiresAt: Date | undefined, end: () => void): () => void {
  if (!expiresAt) return () => {};
  const timer = setTimeout(end, Math.min(Math.max(expiresAt.getTime() - Date.now(), 0), longestTimerMs));
  return () => clearTimeout(timer);
}
