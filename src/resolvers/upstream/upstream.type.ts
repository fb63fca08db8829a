import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { UpstreamStatus } from '../../datasources/upstream/status.js';
import { Access } from '../access/access.decorator.js';
import {
  BreakerStateEnum,
  type BreakerWord,
  breakerWords,
  toUpstreamBreaker,
  UpstreamBreaker,
} from './upstream-breaker.type.js';
import { toUpstreamLimiter, UpstreamLimiter } from './upstream-limiter.type.js';

@Access()
@ObjectType('UpstreamLatency', { description: 'How long an upstream takes to answer.', simpleResolvers: true })
export class UpstreamLatency {
  @Field(() => Int, { description: 'Half of the calls are faster (milliseconds).' })
  p50Ms!: number;

  @Field(() => Int, { description: '95 of 100 calls are faster (milliseconds).' })
  p95Ms!: number;
}

/** How an upstream is doing, as this process sees it. */
@Access({ scope: 'operations:admin', role: 'STAFF' })
@ObjectType('Upstream', { description: 'A system that Portico reads from and writes to.', simpleResolvers: true })
export class UpstreamType {
  @Field(() => String, { description: 'Which one, e.g. `lms`.' })
  name!: string;

  @Field(() => String, { description: 'Where it is.' })
  baseUrl!: string;

  @Field(() => BreakerStateEnum, { description: 'Whether calls go out: the worst state of its breakers.' })
  breaker!: BreakerWord;

  @Field(() => Date, { nullable: true, description: 'Since when calls are held back; null when they are not.' })
  breakerSince!: Date | null;

  @Field(() => String, { nullable: true, description: 'What opened the breaker, e.g. `timeout`.' })
  breakerReason!: string | null;

  @Field(() => [UpstreamBreaker], {
    description: 'One for each part of it that was called: a part that is broken does not take the others with it.',
  })
  breakers!: UpstreamBreaker[];

  @Field(() => UpstreamLimiter, { description: 'The calls that it counts, and how many it takes.' })
  limiter!: UpstreamLimiter;

  @Field(() => Int, { description: 'Calls of the last five minutes.' })
  recentCalls!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Part of the recent calls that failed, 0 to 1; null without calls.',
  })
  errorRate!: number | null;

  @Field(() => UpstreamLatency, { nullable: true, description: 'Of the recent calls; null without any.' })
  latency!: UpstreamLatency | null;

  @Field(() => Date, { nullable: true, description: 'When the service worker’s token ends, where that is known.' })
  tokenExpiresAt!: Date | null;
}

export function toUpstream(status: UpstreamStatus): UpstreamType {
  const { latencyMs } = status;
  return {
    name: status.upstream,
    baseUrl: status.baseUrl,
    breaker: breakerWords[status.breaker],
    breakerSince: status.breakerSince ?? null,
    breakerReason: status.breakerWhy ?? null,
    breakers: Object.entries(status.breakers)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([family, breaker]) => toUpstreamBreaker(family, breaker)),
    limiter: toUpstreamLimiter(status.limiter),
    recentCalls: status.calls,
    errorRate: status.errorRate ?? null,
    latency: latencyMs ? { p50Ms: latencyMs.p50, p95Ms: latencyMs.p95 } : null,
    tokenExpiresAt: status.tokenExpiresAt ?? null,
  };
}
