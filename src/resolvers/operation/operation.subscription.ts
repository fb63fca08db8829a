import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import type { FollowedChanges } from '../subscription/change-topics.js';
import type { FollowableChange } from '../subscription/followable-change.js';
import { findOperation } from './operation.resolver.js';
import { OperationType, ownOperationAccess, toOperation } from './operation.type.js';

type OperationProgressed = Extract<FollowableChange, { topic: 'operation' }>;

@Resolver()
export class OperationSubscription {
  @Access(ownOperationAccess)
  @Subscription(() => OperationType, {
    description:
      'Tells how far an operation is: at once, and then whenever it comes on, until it has ended. Of others it needs SUPPORT.',
    subscribe: ({ args, context }) => followProgress(String(args.id), context),
  })
  async operationProgressed(
    @Arg('id', () => ID, { description: 'Id of the operation.' }) _id: string,
    @Root() { operationId }: OperationProgressed,
    @Ctx() { services }: GraphContext,
  ): Promise<OperationType> {
    const [row] = await services.operations.findByIds([operationId]);
    if (!row) throw new NotFoundError('The operation is no longer kept.');
    return toOperation(row);
  }
}

/** Begins with the present state: what happened between the mutation and the subscription is not missed. */
async function followProgress(id: string, context: GraphContext): Promise<FollowedChanges<OperationProgressed>> {
  const operation = await findOperation(id, 'id', context);
  if (!operation) throw new NotFoundError('There is no such operation.');
  const event: OperationProgressed = { topic: 'operation', operationId: operation.rowId };
  return context.topics.follow({
    topic: 'operation',
    subject: operation.rowId,
    catchUp: async () => [event],
    first: event,
  });
}
