import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { InvalidInputError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { describeEnum } from '../describe-enum.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';

type BulkEnrollAction = 'ENROLL' | 'UNENROLL';
const BulkEnrollActionEnum = describeEnum<BulkEnrollAction>('BulkEnrollAction', 'What is done to each row.', {
  ENROLL: 'Enrolls, or changes the mode.',
  UNENROLL: 'Ends the enrollment.',
});

@InputType('BulkEnrollRow', { description: 'One person in one course run.' })
export class BulkEnrollRow {
  @Field(() => String, { description: 'Id, e-mail address, username or LMS username of the person.' })
  user!: string;

  @Field(() => CourseKeyScalar, { description: 'Course run.' })
  courseKey!: string;

  @Field(() => String, { nullable: true, description: 'Mode, e.g. `audit`; the LMS’s default without it.' })
  mode?: string | null;
}

@InputType('BulkEnrollInput', { description: 'Whom to enroll or unenroll.' })
export class BulkEnrollInput {
  @Field(() => [BulkEnrollRow], { description: 'At most 10,000 rows.' })
  rows!: BulkEnrollRow[];

  @Field(() => BulkEnrollActionEnum, { defaultValue: 'ENROLL', description: 'What is done.' })
  action!: BulkEnrollAction;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Really do it; without it the rows say what would become of them, and nothing is changed.',
  })
  commit!: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Past a closed enrollment window, where the policy allows it.' })
  force?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

const BulkEnrollPayload = operationPayload('bulkEnroll');
const mostRows = 10_000;

@Resolver()
export class BulkEnrollMutation {
  @Access({ scope: 'learning:write', role: 'SUPPORT' })
  @Mutation(() => BulkEnrollPayload, {
    description:
      'Enrolls or unenrolls many people, one row for each. Shows only what would be done, until told to commit.',
  })
  bulkEnroll(
    @Arg('input', () => BulkEnrollInput, { description: 'Whom, and how.' })
    { rows, action, commit, force, idempotencyKey }: BulkEnrollInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      if (rows.length === 0 || rows.length > mostRows)
        throw new InvalidInputError(`Give 1 to ${mostRows} rows.`, { field: ['rows'] });
      return services.operations.begin(
        'BULK_ENROLL',
        { action, isDryRun: !commit, ...(force === true && { force }) },
        actor,
        {
          idempotencyKey: idempotencyKey ?? undefined,
          rows: rows.map(({ user, courseKey, mode }, index) => ({
            number: index + 1,
            key: `${user} ${courseKey}`,
            input: { user, courseKey, mode: mode ?? '' },
          })),
        },
      );
    });
  }
}
