import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { LmsProgress } from '../../datasources/lms/progress.js';
import type { Sourced } from '../../datasources/sourced.js';
import { Access } from '../access/access.decorator.js';
import { Freshness, toFreshness } from '../upstream/freshness.type.js';

/** How far a learner has come in a course run. */
@Access()
@ObjectType('Progress', { description: 'How far a learner has come in a course run.', simpleResolvers: true })
export class ProgressType {
  @Field(() => Int, { nullable: true, description: 'Units that are done.' })
  completeCount!: number | null;

  @Field(() => Int, { nullable: true, description: 'Units that are left to do.' })
  incompleteCount!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Units that the learner may not open; null where the course run shows no progress page.',
  })
  lockedCount!: number | null;

  @Field(() => Float, { nullable: true, description: 'Part of the units that is done, 0 to 1; null without any.' })
  completion!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether more of the course run opens later; null where it shows no progress page.',
  })
  hasScheduledContent!: boolean | null;

  @Field(() => Freshness, { nullable: true, description: 'How recent it is.' })
  freshness!: Freshness | null;
}

export function toProgress(sourced: Sourced<LmsProgress | undefined>): ProgressType | null {
  const { value } = sourced;
  if (!value) return null;
  const units = value.completeCount + value.incompleteCount + (value.lockedCount ?? 0);
  return {
    ...value,
    completion: units === 0 ? null : value.completeCount / units,
    freshness: toFreshness(sourced),
  };
}
