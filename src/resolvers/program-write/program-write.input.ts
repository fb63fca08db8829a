import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { EnrollmentWriteMode } from '../../services/operation/inputs.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { OperationRowType, OperationType } from '../operation/operation.type.js';
import { UserError } from '../user-error.type.js';
import {
  ProgramCourseEnrollmentStatusEnum,
  type ProgramCourseEnrollmentStatusWord,
  ProgramEnrollmentStatusEnum,
  type ProgramEnrollmentStatusWord,
} from './enrollment-status.enum.js';

const EnrollmentWriteModeEnum = describeEnum<EnrollmentWriteMode>('EnrollmentWriteMode', 'How rows are written.', {
  CREATE: 'Adds learners; who is there already is a CONFLICT.',
  UPDATE: 'Changes learners who are there.',
  UPSERT: 'Adds or changes, whichever applies.',
});

@InputType('ProgramEnrollmentRowInput', { description: 'One learner of a program.' })
export class ProgramEnrollmentRowInput {
  @Field(() => String, { description: 'How the organization knows the learner (student key); compared without case.' })
  externalKey!: string;

  @Field(() => ProgramEnrollmentStatusEnum, { description: 'How the learner stands in the program.' })
  status!: ProgramEnrollmentStatusWord;
}

@InputType('WriteProgramEnrollmentsInput', { description: 'Who is in a program, and how.' })
export class WriteProgramEnrollmentsInput {
  @Field(() => String, { description: 'Key of the program.' })
  programKey!: string;

  @Field(() => EnrollmentWriteModeEnum, { defaultValue: 'UPSERT', description: 'How the rows are written.' })
  mode!: EnrollmentWriteMode;

  @Field(() => [ProgramEnrollmentRowInput], { description: '1 to 100 learners; more of them by an upload.' })
  rows!: ProgramEnrollmentRowInput[];

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('CourseEnrollmentRowInput', { description: 'One learner of a program, in one of its course runs.' })
export class CourseEnrollmentRowInput {
  @Field(() => String, { description: 'How the organization knows the learner (student key); compared without case.' })
  externalKey!: string;

  @Field(() => ProgramCourseEnrollmentStatusEnum, { description: 'How the learner stands in the course run.' })
  status!: ProgramCourseEnrollmentStatusWord;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the learner is one of the staff of the course run; left out, that stays as it is.',
  })
  courseStaff?: boolean | null;
}

@InputType('WriteCourseEnrollmentsInput', { description: 'Who of a program is in one of its course runs.' })
export class WriteCourseEnrollmentsInput {
  @Field(() => String, { description: 'Key of the program.' })
  programKey!: string;

  @Field(() => String, {
    description: 'The course run of the program: its course key, or the partner’s own key of it.',
  })
  courseId!: string;

  @Field(() => EnrollmentWriteModeEnum, { defaultValue: 'UPSERT', description: 'How the rows are written.' })
  mode!: EnrollmentWriteMode;

  @Field(() => [CourseEnrollmentRowInput], { description: '1 to 100 learners; more of them by an upload.' })
  rows!: CourseEnrollmentRowInput[];

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('UploadProgramEnrollmentsInput', {
  description: 'A file of the learners of a program: columns `student_key` and `status`.',
})
export class UploadProgramEnrollmentsInput {
  @Field(() => String, { description: 'Key of the program.' })
  programKey!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The file itself, to 1 MB: CSV whose first line names its columns. Either this or `uploadId`.',
  })
  csv?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A file that was sent to `POST /api/uploads` by the same account within the last day.',
  })
  uploadId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only say of each row what would become of it, and change nothing.',
  })
  dryRun?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('UploadCourseEnrollmentsInput', {
  description:
    'A file of learners in course runs of a program: columns `student_key`, `course_id`, `status` and, where wanted, `course_staff`.',
})
export class UploadCourseEnrollmentsInput extends UploadProgramEnrollmentsInput {}

/** What a mutation that writes a few enrollments answers. */
export interface EnrollmentWritePayload {
  operation: OperationType | null;
  rows: OperationRowType[];
  userErrors: UserError[];
}

/** The payload type of such a mutation, e.g. `WriteProgramEnrollmentsPayload`. */
export function enrollmentWritePayload(mutation: string) {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;
  @Access()
  @ObjectType(name, { description: `What ${mutation} did.`, simpleResolvers: true })
  class Payload implements EnrollmentWritePayload {
    @Field(() => OperationType, {
      nullable: true,
      description: 'The write as a whole. It has ended, unless the LMS takes long: then follow it.',
    })
    operation!: OperationType | null;

    @Field(() => [OperationRowType], { description: 'What became of each row, numbered as they were given.' })
    rows!: OperationRowType[];

    @Field(() => [UserError], { description: 'Why nothing was written.' })
    userErrors!: UserError[];
  }
  return Payload;
}
