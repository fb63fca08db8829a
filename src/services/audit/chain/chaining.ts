import type { Logger } from '../../../logger.js';
import type { AuditChain } from './append.js';

/** Chains the acts of this process soon after they were stored, many at a time. */
export interface AuditChaining extends AsyncDisposable {
  /** To be called when there are new acts; costs nothing. */
  wake(): void;
}

const delayMs = 1_000;
/** A chain that cannot go on is not tried, and told of, with every act. */
const delayAfterFailureMs = 30_000;

export function createAuditChaining({ chain, logger }: { chain: AuditChain; logger: Logger }): AuditChaining {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;
  let hasNews = false;

  /** @returns how long to wait before more is to be done; undefined when all is done */
  const run = async (): Promise<number | undefined> => {
    hasNews = false;
    try {
      let state = (await chain.append()).state;
      while (state === 'more') state = (await chain.append()).state;
      // Who is at it may have looked before our acts were there.
      return state === 'busy' ? delayMs : undefined;
    } catch (error) {
      logger.error({ err: error }, 'acts were not chained');
      return delayAfterFailureMs;
    }
  };
  const schedule = (waitMs: number) => {
    if (timer || isClosed) return;
    timer = setTimeout(() => {
      running = run().then((again) => {
        timer = undefined;
        running = undefined;
        if (again !== undefined || hasNews) schedule(again ?? delayMs);
      });
    }, waitMs);
    timer.unref();
  };
  return {
    wake: () => {
      hasNews = true;
      schedule(delayMs);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const isWaiting = timer !== undefined && running === undefined;
      clearTimeout(timer);
      await running;
      if (isWaiting) await run();
    },
  };
}
