import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../changes/change-feed.js';
import { announce } from '../changes/publish-change.js';
import type { Logger } from '../logger.js';

/** Tells the other processes of each counted call, since the upstream counts all of them together. */
export interface BudgetSharing extends Disposable {
  /** A counted call goes out from here, in the name of one of the service users. Never makes it wait, never fails. */
  spent(user: number): void;
}

/** Milliseconds: calls of one moment are told together. The windows that they are counted in are a minute long. */
const gatherMs = 50;

/**
 * @param serviceUsers - in whose names calls are counted
 * @param onSpentElsewhere - told of calls that other processes made, and in whose name
 */
export function createBudgetSharing({
  em,
  changes,
  serviceUsers,
  onSpentElsewhere,
  logger,
}: {
  em: EntityManager;
  changes: Pick<ChangeFeed, 'subscribe'>;
  serviceUsers: readonly string[];
  onSpentElsewhere: (user: number, calls: number) => void;
  logger: Logger;
}): BudgetSharing {
  const self = randomUUID();
  const untold = new Map<string, number>();
  let isTelling = false;
  const tell = async () => {
    await wait(gatherMs, undefined, { ref: false });
    for (let [next] = untold; next; [next] = untold) {
      const [serviceUser, calls] = next;
      untold.delete(serviceUser);
      await announce(em, { topic: 'calls-spent', serviceUser, calls, by: self }).catch((error: unknown) =>
        logger.debug({ err: error }, 'other processes do not know of a call that the LMS counts'),
      );
    }
    isTelling = false;
  };
  const stopListening = changes.subscribe((change) => {
    if (change.topic !== 'calls-spent' || change.by === self) return;
    const user = serviceUsers.indexOf(change.serviceUser);
    if (user >= 0) onSpentElsewhere(user, change.calls);
  });
  return {
    spent(user) {
      const serviceUser = serviceUsers[user] ?? '';
      untold.set(serviceUser, (untold.get(serviceUser) ?? 0) + 1);
      if (isTelling) return;
      isTelling = true;
      void tell();
    },
    [Symbol.dispose]: stopListening,
  };
}
