import { Field, Int, ObjectType } from 'type-graphql';
import type { BreakerStatus, CallFailure } from '../../datasources/upstream/breaker.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';

export type BreakerWord = 'CLOSED' | 'HALF_OPEN' | 'OPEN';
export const BreakerStateEnum = describeEnum<BreakerWord>('BreakerState', 'Whether calls to an upstream go out.', {
  CLOSED: 'All is well: calls go out.',
  HALF_OPEN: 'After trouble, single calls try whether it is over.',
  OPEN: 'The upstream is in trouble: calls are not made.',
});

@Access()
@ObjectType('UpstreamCallFailure', { description: 'A call of an upstream that failed.', simpleResolvers: true })
export class UpstreamCallFailure {
  @Field(() => String, { description: 'Which call, e.g. `grade.read`.' })
  operation!: string;

  @Field(() => String, { description: 'Why, e.g. `timeout`.' })
  code!: string;

  @Field(() => Int, { nullable: true, description: 'HTTP status; null when there was no answer.' })
  status!: number | null;

  @Field(() => Date, { description: 'When.' })
  at!: Date;
}

/** Calls that fail together, and whether they go out. */
@Access()
@ObjectType('UpstreamBreaker', {
  description: 'Calls of one part of an upstream: they fail together, and are held back together.',
  simpleResolvers: true,
})
export class UpstreamBreaker {
  @Field(() => String, { description: 'Which calls, e.g. `grades`.' })
  family!: string;

  @Field(() => BreakerStateEnum, { description: 'Whether they go out.' })
  state!: BreakerWord;

  @Field(() => Date, { nullable: true, description: 'Since when they are held back; null when they are not.' })
  since!: Date | null;

  @Field(() => UpstreamCallFailure, { nullable: true, description: 'The failure after which they were held back.' })
  openedBy!: UpstreamCallFailure | null;

  @Field(() => UpstreamCallFailure, {
    nullable: true,
    description: 'The last failure that spoke against the upstream; refusals, throttles and odd answers do not.',
  })
  lastFailure!: UpstreamCallFailure | null;

  @Field(() => Date, {
    nullable: true,
    description: 'The first call after this goes out and tries whether the trouble is over; null when calls go out.',
  })
  nextProbeAt!: Date | null;
}

export const breakerWords: Record<BreakerStatus['state'], BreakerWord> = {
  closed: 'CLOSED',
  'half-open': 'HALF_OPEN',
  open: 'OPEN',
};

/** What the graph says of one breaker. */
export function toUpstreamBreaker(family: string, status: BreakerStatus): UpstreamBreaker {
  return {
    family,
    state: breakerWords[status.state],
    since: status.since ?? null,
    openedBy: toFailure(status.openedBy),
    lastFailure: toFailure(status.lastFailure),
    nextProbeAt: status.nextProbeAt ?? null,
  };
}

function toFailure(failure: CallFailure | undefined): UpstreamCallFailure | null {
  if (!failure) return null;
  return { operation: failure.operation, code: failure.why, status: failure.status ?? null, at: failure.at };
}
