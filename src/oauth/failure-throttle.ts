import type { Config } from '../config/config.js';
import { networkOf } from '../services/network.js';
import type { ThrottleStore } from '../services/throttle.js';

const windowSeconds = 60;

/**
 * Counts failures, not traffic: who authenticates rightly is never held up, whatever others try from the same address or with
 * the same client id.
 */
export interface FailureThrottle {
  /** Counts one failure of an address, with a client when one was named. @returns seconds to wait, when there were too many */
  countFailure(address: string, clientId: string | undefined): Promise<number | undefined>;
}

export function createFailureThrottle(store: ThrottleStore, limits: Config['throttles']): FailureThrottle {
  const byClient = store.create({ name: 'client', limit: limits.clientFailuresPerMinute, windowSeconds });
  // The name is that of sign-in's: all failures of an address are counted together.
  const byAddress = store.create({ name: 'address', limit: limits.failuresPerAddressPerMinute, windowSeconds });
  return {
    async countFailure(address, clientId) {
      const network = networkOf(address);
      const states = await Promise.all([
        byAddress.record(network),
        ...(clientId === undefined ? [] : [byClient.record(`${clientId} ${network}`)]),
      ]);
      const waits = states.flatMap(({ isOver, retryAfterSeconds }) => (isOver ? [retryAfterSeconds] : []));
      return waits.length > 0 ? Math.max(...waits) : undefined;
    },
  };
}
