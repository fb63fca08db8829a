/**
 * Waits for all of them, no longer than for `ms`; for as long as it takes without.
 *
 * @returns `all`, or `some` when the time was over before the last of them came; these go on by themselves
 * @throws what one of them rejects with, if it does within the time
 */
export function allWithin(promises: readonly Promise<unknown>[], ms: number | undefined): Promise<'all' | 'some'> {
  return new Promise((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms, 'some' as const);
    Promise.all(promises)
      .then(() => resolve('all'), reject)
      .finally(() => clearTimeout(timer));
  });
}
