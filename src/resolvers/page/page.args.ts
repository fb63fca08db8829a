import { ArgsType, Field, Int } from 'type-graphql';

/** Arguments of every connection. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'How many from the start of the list, or after `after`: 20 unless given, at most 200.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor that the page begins after.' })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many from the end of the list, or before `before`: at most 200.',
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor that the page ends before.' })
  before?: string | null;
}
