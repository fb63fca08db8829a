import { Field, Int, ObjectType } from 'type-graphql';
import type { LimiterSnapshot } from '../../datasources/upstream/window-limiter.js';
import { Access } from '../access/access.decorator.js';

@Access()
@ObjectType('UpstreamBudget', {
  description: 'How many calls of one kind the upstream takes in a minute.',
  simpleResolvers: true,
})
export class UpstreamBudget {
  @Field(() => String, { description: 'Which calls, e.g. `enrollment`.' })
  name!: string;

  @Field(() => Int, { description: 'Most counted calls in a minute, those of the other budgets included.' })
  limit!: number;

  @Field(() => Int, {
    description: 'For how long these calls are held back because the upstream refused one; 0 when they are not.',
  })
  pausedForSeconds!: number;
}

/** The calls that an upstream counts. */
@Access()
@ObjectType('UpstreamLimiter', {
  description: 'The calls that an upstream counts for the service worker, in one counter.',
  simpleResolvers: true,
})
export class UpstreamLimiter {
  @Field(() => Int, { description: 'Counted calls of the last minute, those under way included.' })
  used!: number;

  @Field(() => Int, { description: 'Calls that wait for their turn.' })
  waiting!: number;

  @Field(() => [UpstreamBudget], { description: 'Each with a limit of its own.' })
  budgets!: UpstreamBudget[];
}

/** What the graph says of the calls that an upstream counts. */
export function toUpstreamLimiter({ used, waiting, budgets }: LimiterSnapshot): UpstreamLimiter {
  return { used, waiting, budgets: Object.entries(budgets).map(([name, budget]) => ({ name, ...budget })) };
}
