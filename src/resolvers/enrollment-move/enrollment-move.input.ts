import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import { UserError } from '../user-error.type.js';
import { EnrollmentMoveType } from './enrollment-move.type.js';

const accountId = { description: 'Whose enrollment ends.' };
const courseKey = { description: 'Course run that it ends in.' };
const mode = { nullable: true, description: 'Mode of the enrollment that takes the place; the same without it.' };
const force = {
  nullable: true,
  description: 'Past the rules: an enrollment that has ended, another course, a closed run, a target that is enrolled.',
};
const idempotencyKey = {
  nullable: true,
  description: 'Names this request: a repeat with the same key answers the same move and does nothing new.',
};

@InputType('DeferEnrollmentInput', { description: 'Which enrollment moves to which run.' })
export class DeferEnrollmentInput {
  @Field(() => ID, accountId)
  accountId!: string;

  @Field(() => CourseKeyScalar, courseKey)
  courseKey!: string;

  @Field(() => CourseKeyScalar, { description: 'Run of the same course to go on in.' })
  toCourseKey!: string;

  @Field(() => String, mode)
  mode?: string | null;

  @Field(() => Boolean, force)
  force?: boolean | null;

  @Field(() => String, idempotencyKey)
  idempotencyKey?: string | null;
}

@InputType('TransferEnrollmentInput', { description: 'Which enrollment goes to which account.' })
export class TransferEnrollmentInput {
  @Field(() => ID, accountId)
  accountId!: string;

  @Field(() => CourseKeyScalar, courseKey)
  courseKey!: string;

  @Field(() => ID, { description: 'Who takes part instead.' })
  toAccountId!: string;

  @Field(() => String, mode)
  mode?: string | null;

  @Field(() => Boolean, force)
  force?: boolean | null;

  @Field(() => String, idempotencyKey)
  idempotencyKey?: string | null;
}

@InputType('RefundEnrollmentInput', { description: 'Which enrollment ends since it was paid back.' })
export class RefundEnrollmentInput {
  @Field(() => ID, accountId)
  accountId!: string;

  @Field(() => CourseKeyScalar, courseKey)
  courseKey!: string;

  @Field(() => Boolean, force)
  force?: boolean | null;

  @Field(() => String, idempotencyKey)
  idempotencyKey?: string | null;
}

const moveField = { nullable: true, description: 'The move: RUNNING until the LMS has confirmed each step.' };
const errorsField = { description: 'What kept it from being asked for; empty when it was.' };

@Access()
@ObjectType('DeferEnrollmentPayload', { description: 'What came of deferEnrollment.', simpleResolvers: true })
export class DeferEnrollmentPayload {
  @Field(() => EnrollmentMoveType, moveField)
  move!: EnrollmentMoveType | null;

  @Field(() => [UserError], errorsField)
  userErrors!: UserError[];
}

@Access()
@ObjectType('TransferEnrollmentPayload', { description: 'What came of transferEnrollment.', simpleResolvers: true })
export class TransferEnrollmentPayload {
  @Field(() => EnrollmentMoveType, moveField)
  move!: EnrollmentMoveType | null;

  @Field(() => [UserError], errorsField)
  userErrors!: UserError[];
}

@Access()
@ObjectType('RefundEnrollmentPayload', { description: 'What came of refundEnrollment.', simpleResolvers: true })
export class RefundEnrollmentPayload {
  @Field(() => EnrollmentMoveType, moveField)
  move!: EnrollmentMoveType | null;

  @Field(() => [UserError], errorsField)
  userErrors!: UserError[];
}
