import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config/config.js';

const windowSeconds = 60;

/**
 * Counts failures, not traffic: who authenticates rightly is never held up, whatever others try from the same address or with
 * the same client id.
 */
export interface FailureThrottle {
  /** Counts one failure of an address, with a client when one was named. @returns seconds to wait, when there were too many */
  countFailure(address: string, clientId: string | undefined): Promise<number | undefined>;
}

export function createFailureThrottle(limits: Config['throttles']): FailureThrottle {
  const byClient = new RateLimiterMemory({
    keyPrefix: 'client',
    points: limits.clientFailuresPerMinute,
    duration: windowSeconds,
  });
  const byAddress = new RateLimiterMemory({
    keyPrefix: 'address',
    points: limits.failuresPerAddressPerMinute,
    duration: windowSeconds,
  });
  return {
    async countFailure(address, clientId) {
      const waits = await Promise.all([
        clientId === undefined ? undefined : waitAfter(byClient, `${clientId} ${address}`),
        waitAfter(byAddress, address),
      ]);
      const longest = Math.max(...waits.map((wait) => wait ?? 0));
      return longest > 0 ? longest : undefined;
    },
  };
}

async function waitAfter(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
  }
}
