import { RateLimitedError } from '../../errors.js';
import { networkOf } from '../network.js';
import type { Throttle, ThrottleStore } from '../throttle.js';

/** Keeps our forms from being used to fill somebody's mailbox. */
export interface MailThrottle {
  /**
   * Counts one mail that somebody asked for.
   *
   * @param email - where it goes, whoever lives there
   * @param address - network address of who asked
   * @throws RateLimitedError when the mailbox got enough of them
   */
  admit(email: string, address: string): Promise<void>;
}

const message = 'We sent several mails to this address already. Look in the spam folder too, or wait a while.';

export function createMailThrottle({ store }: { store: ThrottleStore }): MailThrottle {
  const byAsker = store.create({ name: 'mail', limit: 5, windowSeconds: 900 });
  // Many askers at once are more likely to be an attack than the owner of the mailbox, who gets through at first all the same.
  const altogether = store.create({ name: 'mailbox', limit: 20, windowSeconds: 3600 });
  return {
    admit: async (email, address) => {
      const mailbox = email.toLowerCase();
      await countOne(byAsker, `${mailbox} ${networkOf(address)}`);
      // What was refused to one asker is not counted against the others.
      await countOne(altogether, mailbox);
    },
  };
}

/** Counts before the mail goes out, so that requests that come at once are counted like others. */
async function countOne(throttle: Throttle, key: string): Promise<void> {
  const { isOver, retryAfterSeconds } = await throttle.record(key);
  if (isOver) throw new RateLimitedError(message, retryAfterSeconds);
}
