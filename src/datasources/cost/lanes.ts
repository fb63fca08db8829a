/** Runs calls, at most so many at a time. */
export type Lanes = <T>(call: () => Promise<T>, isInChain?: boolean) => Promise<T>;

/**
 * Bounds the calls of one read to those that the upstream works on at a time: more would only keep others waiting there.
 * A call that others of its read wait for goes before those that nothing follows.
 */
export function createLanes(count: number): Lanes {
  let free = count;
  const chains: (() => void)[] = [];
  const others: (() => void)[] = [];
  return async (call, isInChain = false) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => (isInChain ? chains : others).push(resolve));
    try {
      return await call();
    } finally {
      const next = chains.shift() ?? others.shift();
      if (next) next();
      else free += 1;
    }
  };
}
