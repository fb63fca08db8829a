import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import { type Operation, OperationEntity, type OperationState } from '../../entities/operation.entity.js';
import { enqueueOperation } from './begin.js';
import type { OperationFailure, OperationSummary } from './inputs.js';
import { firstOfLane } from './lane.js';
import { cancelRows } from './rows.js';

/** How an operation ended: its work is done, or it failed as a whole, or somebody stopped it. */
export type Ending =
  | { kind: 'done'; summary: OperationSummary | undefined }
  | { kind: 'failed'; failure: OperationFailure }
  | { kind: 'canceled' };

/** Ends an operation, and has the next one of its lane run. One that has ended stays as it is. */
export function finishOperation(em: EntityManager, id: string, ending: Ending, now: Date): Promise<Operation> {
  return em.fork().transactional(async (tx) => {
    const operation = await tx.findOneOrFail(OperationEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (operation.finishedAt != null) return operation;
    if (ending.kind === 'canceled') {
      const left = await cancelRows(tx, id);
      operation.done += left;
      operation.failed += left;
    }
    operation.state = stateAfter(ending, operation);
    operation.finishedAt = now;
    operation.nextAttemptAt = null;
    operation.failure = ending.kind === 'failed' ? ending.failure : null;
    if (ending.kind === 'done') operation.summary = ending.summary ?? null;
    await tx.flush();
    await publishChange(tx, { topic: 'operation', operationId: id });
    const next = operation.lane == null ? undefined : await firstOfLane(tx, operation.lane);
    if (next !== undefined) await enqueueOperation(tx, next);
    return operation;
  });
}

function stateAfter(ending: Ending, { done, failed }: Operation): OperationState {
  if (ending.kind === 'failed') return 'FAILED';
  if (ending.kind === 'canceled') return 'CANCELED';
  if (failed === 0) return 'SUCCEEDED';
  return failed < done ? 'PARTIAL' : 'FAILED';
}
