import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import { UserError } from '../user-error.type.js';

const accountIds = { nullable: true, description: 'Of these accounts.' };
const courseKeys = { nullable: true, description: 'In these course runs.' };
const reasons = { nullable: true, description: 'Failed, or waiting, by one of these codes, e.g. `user_missing`.' };
const all = { nullable: true, description: 'Everything; must be said, where nothing else is.' };
const idempotencyKey = { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' };

@InputType('RetryFailedEnrollmentsInput', { description: 'Which enrollments: all that is given must hold.' })
export class RetryFailedEnrollmentsInput {
  @Field(() => [ID], { nullable: true, description: 'These enrollments.' })
  enrollmentIds?: string[] | null;

  @Field(() => [ID], accountIds)
  accountIds?: string[] | null;

  @Field(() => [CourseKeyScalar], courseKeys)
  courseKeys?: string[] | null;

  @Field(() => [String], reasons)
  reasons?: string[] | null;

  @Field(() => Boolean, all)
  all?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Those that are active as well: the LMS is asked once more.' })
  force?: boolean | null;

  @Field(() => String, idempotencyKey)
  idempotencyKey?: string | null;
}

@InputType('ResetEnrollmentRetriesInput', { description: 'Which enrollments: all that is given must hold.' })
export class ResetEnrollmentRetriesInput {
  @Field(() => [ID], accountIds)
  accountIds?: string[] | null;

  @Field(() => [CourseKeyScalar], courseKeys)
  courseKeys?: string[] | null;

  @Field(() => [String], reasons)
  reasons?: string[] | null;

  @Field(() => Boolean, all)
  all?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Only those that are not tried any more.' })
  onlyExhausted?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Only count them.' })
  dryRun?: boolean | null;
}

@Access()
@ObjectType('ResetEnrollmentRetriesPayload', {
  description: 'What resetEnrollmentRetries did.',
  simpleResolvers: true,
})
export class ResetEnrollmentRetriesPayload {
  @Field(() => Int, { nullable: true, description: 'Enrollments whose attempts are counted anew.' })
  count!: number | null;

  @Field(() => [UserError], { description: 'Why nothing was done.' })
  userErrors!: UserError[];
}

@InputType('ReconcileEnrollmentsInput', {
  description: 'Whom to compare with the LMS: learners, or course runs; everybody without either.',
})
export class ReconcileEnrollmentsInput {
  @Field(() => [ID], accountIds)
  accountIds?: string[] | null;

  @Field(() => [CourseKeyScalar], courseKeys)
  courseKeys?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Only say what differs.' })
  dryRun?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Enroll in the LMS whoever is enrolled only here.' })
  enrollLocalOnly?: boolean | null;

  @Field(() => String, idempotencyKey)
  idempotencyKey?: string | null;
}
