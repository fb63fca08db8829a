import { Ctx, Query, Resolver } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { toUpstream, UpstreamType } from './upstream.type.js';

@Resolver()
export class UpstreamResolver {
  @Access({ scope: 'operations:admin', role: 'STAFF' })
  @Query(() => [UpstreamType], { description: 'How the systems behind Portico are doing, as this process sees them.' })
  upstreams(@Ctx() { services }: GraphContext): UpstreamType[] {
    return services.upstreamStatuses().map(toUpstream);
  }
}
