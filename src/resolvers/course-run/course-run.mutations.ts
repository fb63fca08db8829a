import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { InvalidInputError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';

const mostRuns = 2_000;

@InputType('SyncCourseRunsInput', { description: 'Which course runs are taken over.' })
export class SyncCourseRunsInput {
  @Field(() => [CourseKeyScalar], { nullable: true, description: 'These; the LMS’s whole catalogue without it.' })
  courseKeys?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Also the modes: one call of the LMS a run.' })
  withModes?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

const SyncCourseRunsPayload = operationPayload('syncCourseRuns');

@Resolver()
export class CourseRunMutations {
  @Access({ scope: 'learning:write', role: 'STAFF' })
  @Mutation(() => SyncCourseRunsPayload, {
    description:
      'Takes course runs of the LMS over, in the background. Rows are the named runs, or of the whole catalogue those that a person should look at; the summary counts created, updated, unchanged, missing and failed ones.',
  })
  syncCourseRuns(
    @Arg('input', () => SyncCourseRunsInput, { description: 'Which, and how.' }) input: SyncCourseRunsInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const { withModes, idempotencyKey } = input;
      const courseKeys = readCourseKeys(input.courseKeys);
      return services.operations.begin(
        'SYNC_COURSE_RUNS',
        { ...(courseKeys && { courseKeys }), ...(withModes != null && { withModes }) },
        actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
    });
  }
}

/**
 * Course runs that a bulk operation is about, each once.
 *
 * @throws InvalidInputError when there are too many, or none
 */
export function readCourseKeys(courseKeys: readonly string[] | null | undefined): string[] | undefined {
  if (courseKeys == null) return undefined;
  if (courseKeys.length === 0 || courseKeys.length > mostRuns)
    throw new InvalidInputError(`Name 1 to ${mostRuns} course runs.`, { field: ['courseKeys'] });
  return [...new Set(courseKeys)];
}
