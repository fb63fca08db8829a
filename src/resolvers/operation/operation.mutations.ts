import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import {
  answerOperation,
  CancelOperationInput,
  type OperationPayload,
  operationPayload,
  RepairEdxLinksInput,
  RetryOperationInput,
} from './operation.input.js';
import { findOperation } from './operation.resolver.js';
import { ownOperationAccess } from './operation.type.js';

const CancelOperationPayload = operationPayload('cancelOperation');
const RetryOperationPayload = operationPayload('retryOperation');
const RepairEdxLinksPayload = operationPayload('repairEdxLinks');

const mostAccounts = 1_000;

@Resolver()
export class OperationMutations {
  @Access(ownOperationAccess)
  @Mutation(() => CancelOperationPayload, {
    description: 'Stops an operation between two of its rows; what is done stays done. Safe to repeat.',
  })
  async cancelOperation(
    @Arg('input', () => CancelOperationInput, { description: 'Which one.' }) { operationId }: CancelOperationInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    const operation = await findOperation(operationId, 'operationId', context);
    return answerOperation(async () => {
      if (!operation) throw new NotFoundError('There is no such operation.');
      return context.services.operations.cancel(operation.rowId, context.actor);
    });
  }

  @Access(ownOperationAccess)
  @Mutation(() => RetryOperationPayload, {
    description:
      'Begins an operation that does the rows again that failed or were not done, and no others. Safe to repeat.',
  })
  async retryOperation(
    @Arg('input', () => RetryOperationInput, { description: 'Which one.' }) { operationId }: RetryOperationInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    const operation = await findOperation(operationId, 'operationId', context);
    return answerOperation(async () => {
      if (!operation) throw new NotFoundError('There is no such operation.');
      return context.services.operations.retry(operation.rowId, context.actor);
    });
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT' })
  @Mutation(() => RepairEdxLinksPayload, {
    description:
      'Gives learners the LMS user and the API token that they lack, in the background. Asked for again while it runs, it answers the operation that is there.',
  })
  repairEdxLinks(
    @Arg('input', () => RepairEdxLinksInput, { description: 'Whom, and how.' }) input: RepairEdxLinksInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const { idempotencyKey } = input;
      return services.operations.begin('REPAIR_EDX_LINKS', readRepair(input), actor, {
        idempotencyKey: idempotencyKey ?? undefined,
      });
    });
  }
}

function readRepair({ accountIds, limit, parallel }: RepairEdxLinksInput) {
  if (accountIds && accountIds.length > mostAccounts)
    throw new InvalidInputError(`Name at most ${mostAccounts} accounts.`, { field: ['accountIds'] });
  if (limit != null && limit < 1) throw new InvalidInputError('limit is 1 or more.', { field: ['limit'] });
  if (parallel != null && (parallel < 1 || parallel > 32))
    throw new InvalidInputError('parallel is 1 to 32.', { field: ['parallel'] });
  return {
    ...(accountIds && { accountIds: accountIds.map((id) => readGlobalId('Account', id, 'accountIds')) }),
    ...(limit != null && { limit }),
    ...(parallel != null && { parallel }),
  };
}
