import { setTimeout as wait } from 'node:timers/promises';
import { RateLimitedError } from '../../errors.js';
import { networkOf } from '../network.js';
import type { Throttle, ThrottleStore } from '../throttle.js';

export interface SignInAttempt {
  /** Id of the account, or what was typed when there is no such account: both are counted alike. */
  account: string;
  address: string;
}

/** Slows down and stops guessing of passwords. Counts failures only: a right password costs nothing. */
export interface SignInThrottle {
  /**
   * To be called before the password is compared. Many failures on one account, from wherever, only make each attempt slower,
   * so that nobody can lock out somebody else.
   *
   * @throws {@link RateLimitedError} after too many failures on this account from this address
   */
  admit(attempt: SignInAttempt): Promise<void>;
  /**
   * Counts a wrong password.
   *
   * @throws {@link RateLimitedError} when the address fails too often altogether; only wrong passwords hear of it
   */
  recordFailure(attempt: SignInAttempt): Promise<void>;
  recordSuccess(attempt: SignInAttempt): Promise<void>;
}

const quarterHourSeconds = 900;
/** Failures on one account in a quarter of an hour, from all addresses, that a forgetful person may have as well. */
const unhurriedFailures = 20;
const slowestMs = 2_000;
const message = 'Too many sign-ins failed. Wait a while, or reset your password.';

/**
 * @param addressFailures - counts all failures of one address, of whatever kind
 * @param failuresPerAccount - per account and address in 15 minutes
 */
export function createSignInThrottle({
  store,
  addressFailures,
  failuresPerAccount,
}: {
  store: ThrottleStore;
  addressFailures: Throttle;
  failuresPerAccount: number;
}): SignInThrottle {
  const pairs = store.create({ name: 'sign-in', limit: failuresPerAccount, windowSeconds: quarterHourSeconds });
  const accounts = store.create({ name: 'account', limit: unhurriedFailures, windowSeconds: quarterHourSeconds });
  const keyOf = ({ account, address }: SignInAttempt) => `${account} ${networkOf(address)}`;
  return {
    admit: async (attempt) => {
      // Counted before it is compared, and forgotten when it was right: guesses that come at once are counted like others.
      const pair = await pairs.record(keyOf(attempt));
      if (pair.isOver) throw new RateLimitedError(message, pair.retryAfterSeconds);
      const excess = (await accounts.count(attempt.account)) - unhurriedFailures;
      if (excess > 0) await wait(Math.min(slowestMs, excess * 100));
    },
    recordFailure: async (attempt) => {
      const [, address] = await Promise.all([
        accounts.record(attempt.account),
        addressFailures.record(networkOf(attempt.address)),
      ]);
      if (address.isOver) throw new RateLimitedError(message, address.retryAfterSeconds);
    },
    recordSuccess: (attempt) => pairs.forget(keyOf(attempt)),
  };
}
