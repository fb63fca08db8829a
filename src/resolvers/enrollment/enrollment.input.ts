import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { EnrollmentState } from '../../entities/enrollment.entity.js';
import { Access } from '../access/access.decorator.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import { UserError } from '../user-error.type.js';
import { EnrollmentStateEnum } from './enrollment.enums.js';
import { EnrollmentType } from './enrollment.type.js';

const accountIdOptions = {
  nullable: true,
  description: 'Whose enrollment; one’s own without it. Another’s needs STAFF.',
};
const idempotencyKeyOptions = {
  nullable: true,
  description: 'Names this request: a repeat with the same key answers the same enrollment and does nothing new.',
};

@InputType('EnrollmentFilter', { description: 'Which enrollments: all that is given must hold.' })
export class EnrollmentFilter {
  @Field(() => [EnrollmentStateEnum], { nullable: true, description: 'In any of these states.' })
  states?: EnrollmentState[] | null;

  @Field(() => [CourseKeyScalar], { nullable: true, description: 'In any of these course runs.' })
  courseKeys?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'With one of these codes as the reason of the last failure (`lastError.code`).',
  })
  reasons?: string[] | null;

  @Field(() => Date, { nullable: true, description: 'In their state since this moment, or longer.' })
  unchangedSince?: Date | null;

  @Field(() => Int, { nullable: true, description: 'With so many failed tries, or more.' })
  minAttempts?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Stuck: what was wanted failed (a deferral, transfer or refund, and what the LMS is to know of course mails, included), or did not reach the LMS for more than an hour; false for those that are not.',
  })
  stuck?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Asked for, and not (yet) an active enrollment that the LMS has confirmed; false for all others.',
  })
  unfulfilled?: boolean | null;
}

@InputType('EnrollInCourseInput', { description: 'Who is to be enrolled where.' })
export class EnrollInCourseInput {
  @Field(() => CourseKeyScalar, { description: 'Course run.' })
  courseKey!: string;

  @Field(() => ID, accountIdOptions)
  accountId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Mode; the LMS’s default without it. Other than `audit` and `honor` needs STAFF.',
  })
  mode?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Enroll although enrolling is closed; needs STAFF.' })
  force?: boolean | null;

  @Field(() => String, idempotencyKeyOptions)
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('EnrollInCoursePayload', { description: 'What came of enrollInCourse.', simpleResolvers: true })
export class EnrollInCoursePayload {
  @Field(() => EnrollmentType, { nullable: true, description: 'The enrollment: PENDING until the LMS confirms it.' })
  enrollment!: EnrollmentType | null;

  @Field(() => [UserError], { description: 'What kept it from being asked for; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('UnenrollFromCourseInput', { description: 'Whose enrollment is to end.' })
export class UnenrollFromCourseInput {
  @Field(() => CourseKeyScalar, { description: 'Course run.' })
  courseKey!: string;

  @Field(() => ID, accountIdOptions)
  accountId?: string | null;

  @Field(() => String, idempotencyKeyOptions)
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('UnenrollFromCoursePayload', { description: 'What came of unenrollFromCourse.', simpleResolvers: true })
export class UnenrollFromCoursePayload {
  @Field(() => EnrollmentType, { nullable: true, description: 'The enrollment: INACTIVE once the LMS confirms it.' })
  enrollment!: EnrollmentType | null;

  @Field(() => [UserError], { description: 'What kept it from being asked for; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('ChangeEnrollmentModeInput', { description: 'Whose enrollment gets which mode.' })
export class ChangeEnrollmentModeInput {
  @Field(() => CourseKeyScalar, { description: 'Course run.' })
  courseKey!: string;

  @Field(() => String, { description: 'Mode. Other than `audit` and `honor` needs STAFF.' })
  mode!: string;

  @Field(() => ID, accountIdOptions)
  accountId?: string | null;

  @Field(() => String, idempotencyKeyOptions)
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('ChangeEnrollmentModePayload', { description: 'What came of changeEnrollmentMode.', simpleResolvers: true })
export class ChangeEnrollmentModePayload {
  @Field(() => EnrollmentType, {
    nullable: true,
    description: 'The enrollment: `mode` follows once the LMS confirms it.',
  })
  enrollment!: EnrollmentType | null;

  @Field(() => [UserError], { description: 'What kept it from being asked for; empty when it was.' })
  userErrors!: UserError[];
}
