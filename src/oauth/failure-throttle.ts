import type { Config } from '../config/config.js';
import { networkOf } from '../services/network.js';
import type { Throttle, ThrottleStore } from '../services/throttle.js';

const windowSeconds = 60;

/**
 * Counts failures, not traffic: who authenticates rightly is never held up, whatever others try from the same address or with
 * the same client id.
 */
export interface FailureThrottle {
  /** Counts one failure of an address, with a client when one was named. @returns what is to be done when there were too many */
  countFailure(address: string, clientId: string | undefined): Promise<Excess | undefined>;
}

export interface Excess {
  waitSeconds: number;
  /** Whether this failure was the first too many of its window; true once, however many processes there are. */
  isFirst: boolean;
}

export function createFailureThrottle(store: ThrottleStore, limits: Config['throttles']): FailureThrottle {
  const { clientFailuresPerMinute, failuresPerAddressPerMinute } = limits;
  const byClient = store.create({ name: 'client', limit: clientFailuresPerMinute, windowSeconds });
  // The name is that of sign-in's: all failures of an address are counted together.
  const byAddress = store.create({ name: 'address', limit: failuresPerAddressPerMinute, windowSeconds });
  const countIn = async (throttle: Throttle, limit: number, key: string) => {
    const { count, isOver, retryAfterSeconds } = await throttle.record(key);
    return isOver ? [{ waitSeconds: retryAfterSeconds, isFirst: count === limit + 1 }] : [];
  };
  return {
    async countFailure(address, clientId) {
      const network = networkOf(address);
      const excesses = await Promise.all([
        countIn(byAddress, failuresPerAddressPerMinute, network),
        ...(clientId === undefined ? [] : [countIn(byClient, clientFailuresPerMinute, `${clientId} ${network}`)]),
      ]);
      const over = excesses.flat();
      if (over.length === 0) return undefined;
      return {
        waitSeconds: Math.max(...over.map(({ waitSeconds }) => waitSeconds)),
        isFirst: over.some(({ isFirst }) => isFirst),
      };
    },
  };
}
