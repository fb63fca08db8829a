import type { Change } from '../../changes/change.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import type { Logger } from '../../logger.js';

/** Changes that belong to one account. */
export type AccountChange = Extract<Change, { accountId: string }>;
type AccountTopic = AccountChange['topic'];

/** What one subscriber hears. Ends with `return`, at once, even while `next` waits. */
export interface FollowedChanges<Followed extends AccountChange> extends AsyncIterableIterator<Followed> {
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error: unknown): Promise<never>;
}

export interface ChangeTopics extends Disposable {
  /**
   * Follows the changes of one account. A change that waits to be taken and comes again counts once, so a slow subscriber
   * costs no more than what it follows.
   *
   * @param catchUp - what may have been missed since then; asked after a gap in the feed
   */
  follow<Topic extends AccountTopic>(
    topic: Topic,
    accountId: string,
    catchUp: (since: Date) => Promise<Extract<AccountChange, { topic: Topic }>[]>,
  ): FollowedChanges<Extract<AccountChange, { topic: Topic }>>;
  /** How many follow anything at all. */
  followerCount(): number;
}

interface Follower {
  push(change: AccountChange): void;
  recover(): void;
  end(): void;
}

/** Fans the process's one change feed out to subscribers: each change reaches only those that follow its account. */
export function createChangeTopics({ changes, logger }: { changes: ChangeFeed; logger: Logger }): ChangeTopics {
  const followers = new Map<string, Set<Follower>>();
  const everyone = () => [...followers.values()].flatMap((set) => [...set]);
  const stopListening = changes.subscribe((change) => {
    if (!('accountId' in change)) return;
    for (const follower of followers.get(nameOf(change.topic, change.accountId)) ?? []) follower.push(change);
  });
  const stopRecovering = changes.onResync(() => {
    for (const follower of everyone()) follower.recover();
  });

  return {
    follow(topic, accountId, catchUp) {
      type Followed = Extract<AccountChange, { topic: typeof topic }>;
      const name = nameOf(topic, accountId);
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

function nameOf(topic: AccountTopic, accountId: string): string {
  return `${topic}:${accountId}`;
}
