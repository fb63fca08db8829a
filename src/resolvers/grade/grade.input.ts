import { Field, ID, InputType } from 'type-graphql';
import { describeEnum } from '../describe-enum.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';

export type GradeFormatName = 'CSV' | 'JSON_LINES';

export const GradeFormatEnum = describeEnum<GradeFormatName>('GradeFormat', 'How exported grades are written.', {
  CSV: 'Comma-separated values with a header; formulas are made harmless.',
  JSON_LINES: 'One JSON object a line.',
});

@InputType('SyncGradesInput', { description: 'Which grades are pulled.' })
export class SyncGradesInput {
  @Field(() => [CourseKeyScalar], {
    nullable: true,
    description: 'Of these course runs; without it of all that are under way, or ended within a month.',
  })
  courseKeys?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only of this account.' })
  accountId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Also certificates, which is the default.' })
  withCertificates?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('ExportGradesInput', { description: 'Which grades are exported, and how.' })
export class ExportGradesInput {
  @Field(() => [CourseKeyScalar], { nullable: true, description: 'Of these course runs; of all without it.' })
  courseKeys?: string[] | null;

  @Field(() => GradeFormatEnum, { nullable: true, description: 'CSV without it.' })
  format?: GradeFormatName | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the grades that were seen last will do, so that the LMS is not asked.',
  })
  stored?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}
