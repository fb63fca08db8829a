import type { Change } from '../../changes/change.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import type { Logger } from '../../logger.js';
import { type FollowableChange, isFollowable, stateOf, subjectsOf } from './followable-change.js';

type Topic = FollowableChange['topic'];
type ChangeOf<T extends Topic> = Extract<FollowableChange, { topic: T }>;

/** What is to be followed. */
export interface Following<T extends Topic> {
  topic: T;
  /** Id of the account, operation or course run; or the word that stands for all. */
  subject: string;
  /** Which of its changes; all, when left out. */
  accepts?(change: ChangeOf<T>): boolean;
  /** What may have been missed since then; asked after a gap in the feed, again and again until it answers. */
  catchUp(since: Date): Promise<ChangeOf<T>[]>;
  /** Told at once, for those who begin late. */
  first?: ChangeOf<T> | undefined;
}

/** What one follower hears. Ends with `return`, at once, even while `next` waits. */
export interface FollowedChanges<Followed extends FollowableChange = FollowableChange>
  extends AsyncIterableIterator<Followed> {
  /** Followers of one name, asked with the same arguments, hear the same. */
  readonly name: string;
  readonly first: Followed | undefined;
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error: unknown): Promise<never>;
}

export interface ChangeTopics extends Disposable {
  /**
   * Follows the changes of one subject. What waits to be taken and changes again counts once, as it is then: whoever is slow costs no
   * more than what it follows.
   */
  follow<T extends Topic>(following: Following<T>): FollowedChanges<ChangeOf<T>>;
  /** How many follow anything at all. */
  followerCount(): number;
}

interface Follower {
  push(change: FollowableChange): void;
  recover(since: Date): void;
  end(): void;
}

const catchUpAgainMs = 500;

/** Fans the process's one change feed out: each change reaches only those that follow its subject. */
export function createChangeTopics({
  changes,
  logger,
}: {
  changes: Pick<ChangeFeed, 'subscribe' | 'onResync'>;
  logger: Logger;
}): ChangeTopics {
  const followers = new Map<string, Set<Follower>>();
  const everyone = () => [...followers.values()].flatMap((set) => [...set]);
  const stopListening = changes.subscribe((change: Change) => {
    if (!isFollowable(change)) return;
    for (const subject of subjectsOf(change))
      for (const follower of followers.get(nameOf(change.topic, subject)) ?? []) follower.push(change);
  });
  const stopRecovering = changes.onResync(({ since }) => {
    for (const follower of everyone()) follower.recover(since);
  });

  return {
    follow(following) {
      type Followed = ChangeOf<(typeof following)['topic']>;
      const { topic, first, accepts = () => true, catchUp } = following;
      const name = nameOf(topic, following.subject);
      const waiting = new Map<string, Followed>();
      let wake: ((result: IteratorResult<Followed, undefined>) => void) | undefined;
      let owedSince: Date | undefined;
      let retry: NodeJS.Timeout | undefined;
      let isEnded = false;

      const offer = (change: Followed) => {
        if (isEnded) return;
        if (wake) wake({ done: false, value: change });
        else waiting.set(stateOf(change), change);
        wake = undefined;
      };
      const follower: Follower = {
        push: (change) => accepts(change as Followed) && offer(change as Followed),
        recover: (since) => {
          if (!owedSince || since < owedSince) owedSince = since;
          const asked = owedSince;
          clearTimeout(retry);
          catchUp(asked).then(
            (missed) => {
              if (owedSince === asked) owedSince = undefined;
              missed.forEach(offer);
            },
            (error: unknown) => {
              logger.warn(
                { err: error, topic },
                'could not catch up after a gap in the change feed; it is tried again',
              );
              if (isEnded) return;
              clearTimeout(retry);
              retry = setTimeout(() => follower.recover(asked), catchUpAgainMs);
              retry.unref();
            },
          );
        },
        end: () => {
          isEnded = true;
          clearTimeout(retry);
          wake?.({ done: true, value: undefined });
          wake = undefined;
          const set = followers.get(name);
          set?.delete(follower);
          if (set?.size === 0) followers.delete(name);
        },
      };
      followers.set(name, (followers.get(name) ?? new Set()).add(follower));
      if (first) offer(first);

      return {
        name,
        first,
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => {
          if (isEnded) return Promise.resolve({ done: true, value: undefined });
          const [oldest] = waiting;
          if (!oldest) return new Promise((resolve) => (wake = resolve));
          waiting.delete(oldest[0]);
          return Promise.resolve({ done: false, value: oldest[1] });
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
    followerCount: () => [...followers.values()].reduce((count, set) => count + set.size, 0),
    [Symbol.dispose]() {
      stopListening();
      stopRecovering();
      for (const follower of everyone()) follower.end();
    },
  };
}

function nameOf(topic: Topic, subject: string): string {
  return `${topic}:${subject}`;
}
