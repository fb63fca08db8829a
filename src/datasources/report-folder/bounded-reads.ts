import { bulkhead, TimeoutStrategy, timeout, wrap } from 'cockatiel';

/**
 * Runs a read of files, and does not wait for ever.
 *
 * @param read - is told by the signal when nobody waits for it any more
 * @throws TaskCancelledError, BulkheadRejectedError; what the read throws
 */
export type BoundedRead = <Found>(read: (signal: AbortSignal) => Promise<Found>) => Promise<Found>;

/**
 * Node reads files with four threads, which look up names and hash passwords, too; a mount that hangs keeps those that read there.
 * So only some read at a time, the others wait for their turn, and nobody waits for longer than the patience: a read that hangs keeps its turn.
 *
 * @param most - reads at a time
 * @param mostWaiting - one more is refused at once
 */
export function createBoundedRead({
  most,
  mostWaiting,
  patienceMs,
}: {
  most: number;
  mostWaiting: number;
  patienceMs: number;
}): BoundedRead {
  // The turn is inside: it ends with the read, whoever has given up waiting for it.
  const policy = wrap(timeout(patienceMs, TimeoutStrategy.Aggressive), bulkhead(most, mostWaiting));
  return (read) => policy.execute(({ signal }) => read(signal));
}
