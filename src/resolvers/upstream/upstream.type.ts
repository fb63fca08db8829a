import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { UpstreamStatus } from '../../datasources/upstream/status.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';

export type BreakerWord = 'CLOSED' | 'HALF_OPEN' | 'OPEN';
export const BreakerStateEnum = describeEnum<BreakerWord>('BreakerState', 'Whether calls to an upstream go out.', {
  CLOSED: 'All is well: calls go out.',
  HALF_OPEN: 'After trouble, single calls try whether it is over.',
  OPEN: 'The upstream is in trouble: calls are not made.',
});

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

  @Field(() => BreakerStateEnum, { description: 'Whether calls go out.' })
  breaker!: BreakerWord;

  @Field(() => Date, { nullable: true, description: 'Since when calls are held back; null when they are not.' })
  breakerSince!: Date | null;

  @Field(() => String, { nullable: true, description: 'What opened the breaker, e.g. `timeout`.' })
  breakerReason!: string | null;

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

const breakerWords: Record<UpstreamStatus['breaker'], BreakerWord> = {
  closed: 'CLOSED',
  'half-open': 'HALF_OPEN',
  open: 'OPEN',
};

export function toUpstream(status: UpstreamStatus): UpstreamType {
  const { latencyMs } = status;
  return {
    name: status.upstream,
    baseUrl: status.baseUrl,
    breaker: breakerWords[status.breaker],
    breakerSince: status.breakerSince ?? null,
    breakerReason: status.breakerWhy ?? null,
    recentCalls: status.calls,
    errorRate: status.errorRate ?? null,
    latency: latencyMs ? { p50Ms: latencyMs.p50, p95Ms: latencyMs.p95 } : null,
    tokenExpiresAt: status.tokenExpiresAt ?? null,
  };
}
