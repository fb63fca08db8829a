import type { AccessFact } from '../../changes/change.js';
import type { ChangeFeed } from '../../changes/change-feed.js';

/** Tells that something ended by which tokens were good. Answers when nobody lets them in any more, in any process. */
export type TellEnded = (...ended: AccessFact[]) => Promise<void>;

/** This process hears of it here and now, the others from the database, when it was committed. */
export function createTellEnded(changes: Pick<ChangeFeed, 'tellOwn' | 'everyoneHeard'>): TellEnded {
  return (...ended) => {
    changes.tellOwn({ topic: 'access', ended });
    return changes.everyoneHeard();
  };
}
