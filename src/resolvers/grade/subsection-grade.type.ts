import { Field, Float, ObjectType } from 'type-graphql';
import type { LmsSubsectionGrade } from '../../datasources/lms/subsection-grades.js';
import { Access } from '../access/access.decorator.js';

/** A learner's grade in one graded section of a course run. */
@Access()
@ObjectType('SubsectionGrade', {
  description: 'A learner’s grade in one graded section of a course run.',
  simpleResolvers: true,
})
export class SubsectionGradeType {
  @Field(() => String, { nullable: true, description: 'Key of the section in the LMS.' })
  usageKey!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the section.' })
  name!: string | null;

  @Field(() => String, { nullable: true, description: 'Short name, e.g. `HW 01`.' })
  label!: string | null;

  @Field(() => String, { description: 'What kind of work it is, e.g. `Homework`.' })
  assignmentType!: string;

  @Field(() => Float, { description: '0 to 1.' })
  percent!: number;

  @Field(() => Float, { nullable: true, description: 'Points.' })
  earned!: number | null;

  @Field(() => Float, { nullable: true, description: 'Points that there are; 0 before the first attempt.' })
  possible!: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the learner has tried.' })
  attempted!: boolean | null;
}

export function toSubsectionGrade({ isAttempted, ...section }: LmsSubsectionGrade): SubsectionGradeType {
  return { ...section, attempted: isAttempted };
}
