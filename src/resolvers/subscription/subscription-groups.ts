import { randomUUID } from 'node:crypto';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Viewer } from '../../access/viewer.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { factsOf } from '../../changes/fresh-cache.js';
import type { Logger } from '../../logger.js';
import { accessDigest } from '../access/ownership.js';
import type { CreateGraphContext, GraphContext } from '../context.js';
import { causeOf } from '../errors.js';
import { createAnswerEvent } from './answer-event.js';
import type { FollowedChanges } from './change-topics.js';
import { nameGroup } from './group-name.js';
import type { Subscriber } from './subscriber.js';
import { type Regroup, SubscriptionGroup } from './subscription-group.js';

/** A place in a group. */
export interface Membership {
  /** Gives it up, at once. */
  leave(): void;
}

/** Open subscriptions, those that are equal together: each event is answered once for a group, as far as its members may have the same. */
export interface SubscriptionGroups extends Disposable {
  /**
   * Begins a subscription.
   *
   * @param args - checked, with the context of the subscriber as `contextValue`
   * @returns the errors for which there is none
   */
  join(args: ExecutionArgs, context: GraphContext, subscriber: Subscriber): Promise<Membership | ExecutionResult>;
  /** How many subscriptions are open. */
  memberCount(): number;
  /** How many of them are answered apart. */
  groupCount(): number;
}

export function createSubscriptionGroups({
  createContext,
  changes,
  logger,
}: {
  createContext: CreateGraphContext;
  changes: Pick<ChangeFeed, 'subscribe' | 'onResync'>;
  logger: Logger;
}): SubscriptionGroups {
  const groups = new Map<string, SubscriptionGroup>();
  const answerEvent = createAnswerEvent({ createContext, logger });
  const placeOf = new WeakMap<Subscriber, SubscriptionGroup>();
  const doubt = (isDoubtful: (viewer: Viewer) => boolean) => {
    for (const group of groups.values()) group.doubt(isDoubtful);
  };
  const stopListening = changes.subscribe((change) => {
    const facts = factsOf(change);
    if (facts === 'all') doubt(() => true);
    else if (facts.length > 0) {
      const ended = new Set<string>(facts);
      doubt(({ restsOn }) => restsOn?.some((fact) => ended.has(fact)) ?? true);
    }
  });
  // Whatever was said meanwhile.
  const stopDoubting = changes.onResync(() => doubt(() => true));

  const enter = async (
    args: ExecutionArgs,
    context: GraphContext,
    subscriber: Subscriber,
  ): Promise<SubscriptionGroup | ExecutionResult> => {
    const source = await createSourceEventStream({ ...args, contextValue: context });
    if (!(Symbol.asyncIterator in source)) return source;
    if (!isFollowed(source)) throw new Error('a subscription follows the change topics');
    const digest = accessDigest(context.viewer);
    const name = nameGroup(args, source.name, digest);
    const present = groups.get(name);
    const known = present?.isEnded ? undefined : present;
    // The group outlives this subscriber's context.
    const { contextValue: _, ...shared } = args;
    const group = known ?? new SubscriptionGroup({ args: shared, source, digest, answerEvent, regroup, logger });
    placeOf.set(subscriber, group);
    group.add(subscriber, context.viewer);
    // Between being asked and being listed here it was not told of what ended.
    subscriber.caller.doubt();
    if (known) {
      void source.return();
      if (source.first) void group.tell(source.first, [subscriber]);
    } else {
      groups.set(name, group);
      void group.run().finally(() => {
        if (groups.get(name) === group) groups.delete(name);
      });
    }
    return group;
  };
  /** The subscriber has other rights than before, so it belongs elsewhere, or nowhere. */
  const regroup: Regroup = async ({ args, viewer, subscriber, event }) => {
    const { address } = subscriber.caller;
    const context = createContext({ viewer, requestId: randomUUID(), address });
    const group = await enter(args, context, subscriber);
    if (group instanceof SubscriptionGroup) void group.tell(event, [subscriber]);
    else subscriber.fail(group.errors?.[0] && (causeOf(group.errors[0]) ?? group.errors[0]));
  };

  return {
    async join(args, context, subscriber) {
      const group = await enter(args, context, subscriber);
      if (!(group instanceof SubscriptionGroup)) return group;
      return { leave: () => placeOf.get(subscriber)?.remove(subscriber) };
    },
    memberCount: () => [...groups.values()].reduce((count, group) => count + group.size, 0),
    groupCount: () => groups.size,
    [Symbol.dispose]() {
      stopListening();
      stopDoubting();
      for (const group of groups.values()) group.end();
    },
  };
}

function isFollowed(source: AsyncIterable<unknown>): source is FollowedChanges {
  return 'name' in source && 'first' in source;
}
