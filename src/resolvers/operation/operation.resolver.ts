import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { refusal } from '../../access/policy.js';
import type { RowOutcome } from '../../entities/operation.entity.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { readProgressFilter } from '../progress-filter.js';
import { RowOutcomeEnum } from './operation.enums.js';
import { OperationFilter } from './operation.input.js';
import {
  OperationConnection,
  OperationRowConnection,
  OperationType,
  operationAccess,
  ownOperationAccess,
  toOperation,
  toOperationRow,
} from './operation.type.js';

@Resolver(() => OperationType)
export class OperationResolver {
  @Access(ownOperationAccess)
  @Query(() => OperationType, {
    nullable: true,
    description: 'One operation; of others it needs SUPPORT. Null when there is none.',
  })
  async operation(
    @Arg('id', () => ID, { description: 'Id of the operation.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<OperationType | null> {
    return findOperation(id, 'id', context);
  }

  @Access(ownOperationAccess)
  @Query(() => OperationConnection, {
    description: 'Operations, newest first: everybody’s for SUPPORT, else those that the viewer began.',
  })
  async operations(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => OperationFilter, { nullable: true, description: 'Which ones.' })
    filter: OperationFilter | null,
    @Ctx() { services, viewer }: GraphContext,
  ) {
    const { kinds, states, startedById, since, ...others } = filter ?? {};
    const asked = startedById == null ? undefined : readGlobalId('Account', startedById, 'filter.startedById');
    const seesAll = refusal(viewer, { ...operationAccess, own: false }) === undefined;
    // Of somebody else's, those who may see their own only see none.
    const own = viewer.account?.id;
    if (!seesAll && asked !== undefined && asked !== own) return toConnection(emptyPage, toOperation);
    const where = {
      kinds: kinds ?? undefined,
      states: states ?? undefined,
      startedBy: seesAll ? asked : own,
      since: since ?? undefined,
      ...readProgressFilter(others),
    };
    return toConnection(await services.operations.list(where, readPage(page)), toOperation);
  }

  @FieldResolver(() => AccountType, { nullable: true, description: 'Who began it; null for a schedule or a command.' })
  async startedBy(@Root() { ownerId }: OperationType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = ownerId ? await stored.account.load(ownerId) : undefined;
    return row ? toAccount(row) : null;
  }

  @FieldResolver(() => OperationType, {
    nullable: true,
    description: 'The operation whose failed rows this one does again.',
  })
  async retryOf(
    @Root() { retriedId }: OperationType,
    @Ctx() { services }: GraphContext,
  ): Promise<OperationType | null> {
    const [row] = retriedId ? await services.operations.findByIds([retriedId]) : [];
    return row ? toOperation(row) : null;
  }

  @FieldResolver(() => OperationRowConnection, {
    description: 'What became of each row, in the order of their numbers; rows that are still to be done are left out.',
  })
  async rows(
    @Root() { rowId }: OperationType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('outcome', () => RowOutcomeEnum, { nullable: true, description: 'Only rows of which this became.' })
    outcome: RowOutcome | null,
    @Ctx() { services }: GraphContext,
  ) {
    const found = await services.operations.rows(rowId, { outcome: outcome ?? undefined }, readPage(page));
    return toConnection(found, toOperationRow);
  }
}

const emptyPage = { rows: [], hasPreviousPage: false, hasNextPage: false, count: async () => 0 };

/**
 * An operation that the viewer may see.
 *
 * @throws ForbiddenError when it is somebody else's, or there is none; null only for those who may see all
 */
export async function findOperation(
  id: string,
  field: string,
  { services, viewer }: GraphContext,
): Promise<OperationType | null> {
  const [row] = await services.operations.findByIds([readGlobalId('Operation', id, field)]);
  const error = refusal(viewer, operationAccess, row?.startedBy ?? undefined);
  if (error) throw error;
  return row ? toOperation(row) : null;
}
