import { Field, InputType } from 'type-graphql';

@InputType('CourseRunFilter', { description: 'Which course runs: all that is given must hold.' })
export class CourseRunFilter {
  @Field(() => String, { nullable: true, description: 'Part of the title or the key, whatever its case.' })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'Organization, as in the key.' })
  org?: string | null;
}
