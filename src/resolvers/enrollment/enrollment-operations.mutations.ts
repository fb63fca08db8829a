import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { InvalidInputError } from '../../errors.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { withUserErrors } from '../user-error.type.js';
import {
  ReconcileEnrollmentsInput,
  ResetEnrollmentRetriesInput,
  ResetEnrollmentRetriesPayload,
  RetryFailedEnrollmentsInput,
} from './enrollment-operations.input.js';

const RetryFailedEnrollmentsPayload = operationPayload('retryFailedEnrollments');
const ReconcileEnrollmentsPayload = operationPayload('reconcileEnrollments');

const supportAccess: FieldAccess = { scope: 'learning:write', role: 'SUPPORT' };
const mostNamed = 1_000;

@Resolver()
export class EnrollmentOperationMutations {
  @Access(supportAccess)
  @Mutation(() => RetryFailedEnrollmentsPayload, {
    description: 'Has enrollments that failed, or wait, tried at once. Unscoped it is refused. Safe to repeat.',
  })
  retryFailedEnrollments(
    @Arg('input', () => RetryFailedEnrollmentsInput, { description: 'Which ones.' }) input: RetryFailedEnrollmentsInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const scope = { ...readScope(input), ...(input.force === true && { force: true }) };
      services.enrollmentRetries.requireScope(scope);
      return services.operations.begin('RETRY_ENROLLMENTS', scope, actor, {
        idempotencyKey: input.idempotencyKey ?? undefined,
      });
    });
  }

  @Access(supportAccess)
  @Mutation(() => ResetEnrollmentRetriesPayload, {
    description:
      'Counts attempts anew: what is not tried any more is wanted again. Unscoped it is refused. Safe to repeat.',
  })
  resetEnrollmentRetries(
    @Arg('input', () => ResetEnrollmentRetriesInput, { description: 'Which ones.' }) input: ResetEnrollmentRetriesInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<ResetEnrollmentRetriesPayload> {
    const nothing: Pick<ResetEnrollmentRetriesPayload, 'count'> = { count: null };
    return withUserErrors(nothing, async () => {
      const options = { onlyExhausted: input.onlyExhausted === true, dryRun: input.dryRun === true };
      return { count: await services.enrollmentRetries.reset(readScope(input), options, actor) };
    });
  }

  @Access(supportAccess)
  @Mutation(() => ReconcileEnrollmentsPayload, {
    description:
      'Compares enrollments with the LMS, and takes over what differs; wishes that are under way here stand. One row for each difference. Safe to repeat.',
  })
  reconcileEnrollments(
    @Arg('input', () => ReconcileEnrollmentsInput, { description: 'Whom.' }) input: ReconcileEnrollmentsInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      if (input.accountIds && input.courseKeys)
        throw new InvalidInputError('Name accounts or course runs, not both.', { field: ['courseKeys'] });
      const { accountIds, courseKeys } = readScope(input);
      const scope = { ...(accountIds && { accountIds }), ...(courseKeys && { courseKeys }) };
      const options = {
        ...(input.dryRun === true && { isDryRun: true }),
        ...(input.enrollLocalOnly === true && { enrollLocalOnly: true }),
      };
      return services.operations.begin('RECONCILE', { ...scope, ...options }, actor, {
        idempotencyKey: input.idempotencyKey ?? undefined,
      });
    });
  }
}

interface ScopeInput {
  enrollmentIds?: string[] | null;
  accountIds?: string[] | null;
  courseKeys?: string[] | null;
  reasons?: string[] | null;
  all?: boolean | null;
}

function readScope({ enrollmentIds, accountIds, courseKeys, reasons, all }: ScopeInput) {
  for (const names of [enrollmentIds, accountIds, courseKeys, reasons])
    if (names && names.length > mostNamed) throw new InvalidInputError(`Name at most ${mostNamed} of each.`);
  return {
    ...(enrollmentIds && {
      enrollmentIds: enrollmentIds.map((id) => readGlobalId('Enrollment', id, 'enrollmentIds')),
    }),
    ...(accountIds && { accountIds: accountIds.map((id) => readGlobalId('Account', id, 'accountIds')) }),
    ...(courseKeys && { courseKeys }),
    ...(reasons && { reasons }),
    ...(all === true && { isAll: true }),
  };
}
