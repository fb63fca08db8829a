import { Ctx, Resolver, Root, Subscription } from 'type-graphql';
import { toUpstreamChange, type UpstreamChange } from '../../datasources/breaker-sharing.js';
import { NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import type { FollowedChanges } from '../subscription/change-topics.js';
import { everything } from '../subscription/followable-change.js';
import { toUpstream, UpstreamType } from './upstream.type.js';

@Resolver()
export class UpstreamSubscription {
  @Access({ scope: 'operations:admin', role: 'STAFF' })
  @Subscription(() => UpstreamType, {
    description:
      'Tells when calls to an upstream are held back, in any process, and when they go out again. Calls and times are those of the process that is asked.',
    subscribe: ({ context }) => followUpstreams(context),
  })
  upstreamStatusChanged(@Root() change: UpstreamChange, @Ctx() { services }: GraphContext): UpstreamType {
    const status = services.upstreamStatuses().find(({ upstream }) => upstream === change.upstream);
    if (!status) throw new NotFoundError('This process does not know the upstream.');
    const { breaker, since, why } = change;
    return toUpstream({ ...status, breaker, breakerSince: since ? new Date(since) : undefined, breakerWhy: why });
  }
}

function followUpstreams({ topics, services }: GraphContext): FollowedChanges<UpstreamChange> {
  return topics.follow({
    topic: 'upstream',
    subject: everything,
    catchUp: async () => services.upstreamStatuses().map((status) => toUpstreamChange(status, 'catch-up')),
  });
}
