import type { Change } from '../../changes/change.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import type { Logger } from '../../logger.js';

/** Changes that belong to one account, or to one operation. */
export type FollowableChange = Extract<Change, { accountId: string } | { operationId: string }>;
type Topic = FollowableChange['topic'];

/** What one subscriber hears. Ends with `return`, at once, even while `next` waits. */
export interface FollowedChanges<Followed extends FollowableChange> extends AsyncIterableIterator<Followed> {
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error: unknown): Promise<never>;
}

export interface ChangeTopics extends Disposable {
  /**
   * Follows the changes of one account, or of one operation. A change that waits to be taken and comes again counts once, so a slow subscriber
   * costs no more than what it follows.
   *
   * @param subjectId - of the account or operation
   * @param catchUp - what may have been missed since then; asked after a gap in the feed
   * @param first - told at once, for those who begin late
   */
  follow<Followed extends Topic>(
    topic: Followed,
    subjectId: string,
    catchUp: (since: Date) => Promise<Extract<FollowableChange, { topic: Followed }>[]>,
    first?: Extract<FollowableChange, { topic: Followed }>,
  ): FollowedChanges<Extract<FollowableChange, { topic: Followed }>>;
  /** How many follow anything at all. */
  followerCount(): number;
}

interface Follower {
  push(change: FollowableChange): void;
  recover(): void;
  end(): void;
}

/** Fans the process's one change feed out to subscribers: each change reaches only those that follow its account or operation. */
export function createChangeTopics({ changes, logger }: { changes: ChangeFeed; logger: Logger }): ChangeTopics {
  const followers = new Map<string, Set<Follower>>();
  const everyone = () => [...followers.values()].flatMap((set) => [...set]);
  const stopListening = changes.subscribe((change) => {
    if (!isFollowable(change)) return;
    for (const follower of followers.get(nameOf(change.topic, subjectOf(change))) ?? []) follower.push(change);
  });
  const stopRecovering = changes.onResync(() => {
    for (const follower of everyone()) follower.recover();
  });

  return {
    follow(topic, subjectId, catchUp, first) {
      type Followed = Extract<FollowableChange, { topic: typeof topic }>;
      const name = nameOf(topic, subjectId);
      const waiting = new Map<string, Followed>();
      let since = new Date();
      let wake: ((result: IteratorResult<Followed, undefined>) => void) | undefined;
      let isEnded = false;

      const offer = (change: Followed) => {
        if (isEnded) return;
        since = new Date();
        if (wake) wake({ done: false, value: change });
        else waiting.set(JSON.stringify(change), change);
        wake = undefined;
      };
      const follower: Follower = {
        push: (change) => offer(change as Followed),
        recover: () => {
          catchUp(since).then(
            (missed) => missed.forEach(offer),
            (error: unknown) =>
              logger.error({ err: error, topic }, 'could not catch up after a gap in the change feed'),
          );
        },
        end: () => {
          isEnded = true;
          wake?.({ done: true, value: undefined });
          const set = followers.get(name);
          set?.delete(follower);
          if (set?.size === 0) followers.delete(name);
        },
      };
      followers.set(name, (followers.get(name) ?? new Set()).add(follower));
      if (first) offer(first);

      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => {
          if (isEnded) return Promise.resolve({ done: true, value: undefined });
          const [first] = waiting;
          if (!first) return new Promise((resolve) => (wake = resolve));
          waiting.delete(first[0]);
          return Promise.resolve({ done: false, value: first[1] });
        },
        return: () => {
          follower.end();
          return Promise.resolve({ done: true, value: undefined });
        },
        throw: (error) => {
          follower.end();
          return Promise.reject(error);
        },
      };
    },
    followerCount: () => everyone().length,
    [Symbol.dispose]() {
      stopListening();
      stopRecovering();
      for (const follower of everyone()) follower.end();
    },
  };
}

function isFollowable(change: Change): change is FollowableChange {
  return 'accountId' in change || 'operationId' in change;
}

function subjectOf(change: FollowableChange): string {
  return 'accountId' in change ? change.accountId : change.operationId;
}

function nameOf(topic: Topic, subjectId: string): string {
  return `${topic}:${subjectId}`;
}
