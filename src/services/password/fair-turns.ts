interface Waiting {
  /** How many of the same lane were there before it: those with few before them go first. */
  rank: number;
  start(): void;
  refuse(): void;
}

/** Work that costs much, done a little at a time, fairly between those who ask for it. */
export interface FairTurns {
  /**
   * @param lane - who asks; however much one lane asks for, the first of every other goes before its second
   * @throws {@link NoTurnError} when too much waits, to whoever has the most waiting
   */
  take<T>(lane: string, work: () => Promise<T>): Promise<T>;
}

/** There is no room to wait. */
export class NoTurnError extends Error {
  override readonly name = 'NoTurnError';
}

/**
 * @param atOnce - works under way at a time
 * @param mostWaiting - how many more may wait
 */
export function createFairTurns({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): FairTurns {
  /** In the order of their turns. */
  const waiting: Waiting[] = [];
  const present = new Map<string, number>();
  let running = 0;

  const queueUp = (lane: string): Promise<void> => {
    const { promise, resolve: start, reject } = Promise.withResolvers<void>();
    const rank = present.get(lane) ?? 0;
    const behind = waiting.findIndex((other) => other.rank > rank);
    waiting.splice(behind === -1 ? waiting.length : behind, 0, {
      rank,
      start,
      refuse: () => reject(new NoTurnError()),
    });
    if (waiting.length > mostWaiting) waiting.pop()?.refuse();
    return promise;
  };

  return {
    async take(lane, work) {
      const turn = running < atOnce ? undefined : queueUp(lane);
      if (!turn) running += 1;
      present.set(lane, (present.get(lane) ?? 0) + 1);
      try {
        await turn;
      } catch (error) {
        leave(lane);
        throw error;
      }
      try {
        return await work();
      } finally {
        leave(lane);
        // The place is handed on, so that nobody slips in between.
        const next = waiting.shift();
        if (next) next.start();
        else running -= 1;
      }
    },
  };

  function leave(lane: string): void {
    const count = (present.get(lane) ?? 0) - 1;
    if (count > 0) present.set(lane, count);
    else present.delete(lane);
  }
}
