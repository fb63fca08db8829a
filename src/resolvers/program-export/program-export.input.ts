import { Field, InputType } from 'type-graphql';
import { describeEnum } from '../describe-enum.js';

export type EnrollmentFormatName = 'CSV' | 'JSON';

const EnrollmentFormatEnum = describeEnum<EnrollmentFormatName>(
  'EnrollmentFormat',
  'How exported enrollments are written.',
  {
    CSV: 'Comma-separated values with a header; formulas are made harmless.',
    JSON: 'A list of objects.',
  },
);

@InputType('ExportProgramEnrollmentsInput', { description: 'Of which program, and how.' })
export class ExportProgramEnrollmentsInput {
  @Field(() => String, { description: 'Key of the program.' })
  programKey!: string;

  @Field(() => EnrollmentFormatEnum, { nullable: true, description: 'CSV without it.' })
  format?: EnrollmentFormatName | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('ExportCourseEnrollmentsInput', { description: 'Of which program and course runs, and how.' })
export class ExportCourseEnrollmentsInput extends ExportProgramEnrollmentsInput {
  @Field(() => String, {
    nullable: true,
    description:
      'One course run of the program: its course key, or the partner’s own key of it. Without it all of the active curriculum.',
  })
  courseId?: string | null;
}
