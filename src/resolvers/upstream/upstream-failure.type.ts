import { Field, ObjectType } from 'type-graphql';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { Access } from '../access/access.decorator.js';

/** Why an upstream did not do what was asked. */
@Access()
@ObjectType('UpstreamFailure', { description: 'Why an upstream did not do what was asked.', simpleResolvers: true })
export class UpstreamFailureType {
  @Field(() => String, { description: 'Which upstream, e.g. `lms`.' })
  upstream!: string;

  @Field(() => String, { description: 'Stable word for the reason.' })
  code!: string;

  @Field(() => String, { description: 'What happened and what can be done, for a person.' })
  message!: string;

  @Field(() => Boolean, { description: 'Whether trying again later can help.' })
  retryable!: boolean;

  @Field(() => Date, { description: 'When it happened.' })
  at!: Date;
}

export function toUpstreamFailure(failure: UpstreamFailure | null | undefined): UpstreamFailureType | null {
  return failure ? Object.assign(new UpstreamFailureType(), failure, { at: new Date(failure.at) }) : null;
}
