import { Field, Float, ObjectType } from 'type-graphql';
import type { LmsGrade } from '../../datasources/lms/grades.js';
import type { Sourced } from '../../datasources/sourced.js';
import { Access } from '../access/access.decorator.js';
import { Freshness, toFreshness } from '../upstream/freshness.type.js';

/** A learner's grade in a course run, exact. */
@Access()
@ObjectType('Grade', { description: 'A learner’s grade in a course run, as the LMS has it.', simpleResolvers: true })
export class GradeType {
  courseKey!: string;

  @Field(() => String, { description: 'Username in the LMS of who has it.' })
  lmsUsername!: string;

  @Field(() => Float, { nullable: true, description: '0 to 1; above 1 with extra credit.' })
  percent!: number | null;

  @Field(() => String, { nullable: true, description: 'Letter, where the course run gives one.' })
  letterGrade!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is enough to pass.' })
  passed!: boolean | null;

  @Field(() => Freshness, { nullable: true, description: 'How recent it is.' })
  freshness!: Freshness | null;
}

export function toGrade(sourced: Sourced<LmsGrade | undefined>): GradeType | null {
  const { value } = sourced;
  return value
    ? {
        courseKey: value.courseKey,
        lmsUsername: value.username,
        percent: value.percent,
        letterGrade: value.letterGrade,
        passed: value.isPassed,
        freshness: toFreshness(sourced),
      }
    : null;
}
