import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../changes/change-feed.js';
import { publishChange } from '../changes/publish-change.js';
import type { Logger } from '../logger.js';

/** Tells the other processes of each counted call, since the upstream counts all of them together. */
export interface BudgetSharing extends Disposable {
  /** A counted call goes out from here. Never makes it wait, never fails. */
  spent(): void;
}

/**
 * @param serviceUser - in whose name the calls are counted
 * @param onSpentElsewhere - told of calls that other processes made
 */
export function createBudgetSharing({
  em,
  changes,
  serviceUser,
  onSpentElsewhere,
  logger,
}: {
  em: EntityManager;
  changes: Pick<ChangeFeed, 'subscribe'>;
  serviceUser: string;
  onSpentElsewhere: (calls: number) => void;
  logger: Logger;
}): BudgetSharing {
  const self = randomUUID();
  let untold = 0;
  let isTelling = false;
  const tell = async () => {
    while (untold > 0) {
      const calls = untold;
      untold = 0;
      await publishChange(em.fork(), { topic: 'calls-spent', serviceUser, calls, by: self }).catch((error: unknown) =>
        logger.debug({ err: error }, 'other processes do not know of a call that the LMS counts'),
      );
    }
    isTelling = false;
  };
  const stopListening = changes.subscribe((change) => {
    if (change.topic !== 'calls-spent' || change.by === self || change.serviceUser !== serviceUser) return;
    onSpentElsewhere(change.calls);
  });
  return {
    spent() {
      untold += 1;
      if (isTelling) return;
      isTelling = true;
      void tell();
    },
    [Symbol.dispose]: stopListening,
  };
}
