import { Field, ObjectType } from 'type-graphql';
import type { Sourced } from '../../datasources/sourced.js';
import { Access } from '../access/access.decorator.js';

/** How recent a value is. */
@Access()
@ObjectType('Freshness', { description: 'How recent a value of an upstream is.', simpleResolvers: true })
export class Freshness {
  @Field(() => Date, { description: 'When the upstream said so.' })
  asOf!: Date;

  @Field(() => Boolean, {
    description: 'Whether the upstream could not be asked again; `extensions.upstreams` tells why.',
  })
  stale!: boolean;

  @Field(() => String, { description: 'Who said so, e.g. `lms`.' })
  source!: string;
}

/** How recent a value read from an upstream is. */
export function toFreshness({ asOf, stale, source }: Omit<Sourced<unknown>, 'value'>): Freshness {
  return { asOf, stale, source };
}
