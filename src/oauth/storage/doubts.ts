import { DatabaseUnavailableError } from '../../errors.js';

/**
 * What was under way when the database went away: nobody knows whether it was done, and whoever asked was told that it was
 * not. So it is undone as soon as the database is back, and before anybody comes to what it is about.
 */
export interface Doubts extends Disposable {
  /** Does it, and keeps the doubt if the database goes away meanwhile. @param undo - harmless when nothing was done */
  attempt(key: string, act: () => Promise<void>, undo: () => Promise<void>): Promise<void>;
  /** Waits until there is no doubt about something. @throws DatabaseUnavailableError while that cannot be */
  settle(key: string): Promise<void>;
}

const pauseMs = 100;

export function createDoubts(): Doubts {
  const open = new Map<string, () => Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const settle = async (key: string): Promise<void> => {
    const undo = open.get(key);
    if (!undo) return;
    await undo();
    if (open.get(key) === undo) open.delete(key);
  };
  const settleSoon = (): void => {
    if (timer || open.size === 0) return;
    timer = setTimeout(async () => {
      await Promise.allSettled([...open.keys()].map(settle));
      timer = undefined;
      settleSoon();
    }, pauseMs);
    timer.unref();
  };
  return {
    async attempt(key, act, undo) {
      await settle(key);
      try {
        await act();
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) {
          open.set(key, undo);
          settleSoon();
        }
        throw error;
      }
    },
    settle,
    [Symbol.dispose]() {
      clearTimeout(timer);
      open.clear();
    },
  };
}
