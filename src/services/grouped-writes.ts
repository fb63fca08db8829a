import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../errors.js';

interface Waiting<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** While one is with the database, what the next consists of is made. More of them would be smaller ones, and more commits. */
const usualLanes = 2;
/** Milliseconds after which a write under way is not waited for any more. */
const longWriteMs = 10;

/**
 * Writes what comes while a write is under way together in the next one: under load one commit, and one wait for the disk,
 * serves many.
 *
 * @param write - all of the items, or none
 * @param lanes - most writes under way at a time; more than two only when they take long, or more waits than one could take along
 * @param gatherMs - how long a write waits for company; for what nobody waits for
 * @returns writes one item; it is written when this answers. One that cannot be written does not take others with it
 */
export function createGroupedWrites<Item>({
  write,
  lanes = 4,
  mostAtOnce = 100,
  gatherMs = 0,
}: {
  write: (items: readonly Item[]) => Promise<unknown>;
  lanes?: number;
  mostAtOnce?: number;
  gatherMs?: number;
}): (item: Item) => Promise<void> {
  const waiting: Waiting<Item>[] = [];
  let running = 0;
  let lastBegun = 0;

  const isLong = () => performance.now() - lastBegun > longWriteMs;
  const writeGroup = async (group: readonly Waiting<Item>[]): Promise<void> => {
    try {
      await write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1 || error instanceof DatabaseUnavailableError)
        for (const { reject } of group) reject(error);
      else for (const one of group) await writeGroup([one]);
    }
  };
  const run = async () => {
    while (waiting.length > 0) {
      if (gatherMs > 0 && waiting.length < mostAtOnce) await wait(gatherMs);
      lastBegun = performance.now();
      await writeGroup(waiting.splice(0, mostAtOnce));
    }
    running--;
  };
  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.push({ item, resolve, reject });
    if (running < lanes && (running < usualLanes || waiting.length > mostAtOnce || isLong())) {
      running++;
      lastBegun = performance.now();
      // What comes in the same turn of the event loop is still with it: of sockets that became readable together, all requests.
      setImmediate(run);
    }
    return promise;
  };
}
