import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Operation, OperationEntity } from '../../entities/operation.entity.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { enqueueOperation } from './begin.js';
import { finishOperation } from './finish.js';

export interface CancelDeps {
  em: EntityManager;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
}

/** Asks for the end of an operation: at once of one that waits in its lane, soon of one that somebody is at. */
export async function requestCancellation(
  { em, clock, audit }: CancelDeps,
  { id, kind, finishedAt, begunAt }: Operation,
  actor: Actor,
): Promise<void> {
  if (finishedAt != null) return;
  await em.fork().transactional(async (tx) => {
    const isNews = await tx.nativeUpdate(
      OperationEntity,
      { id, cancelRequestedAt: null, finishedAt: null },
      { cancelRequestedAt: clock() },
    );
    if (isNews === 0) return;
    await audit.record({ action: 'operation.canceled', outcome: 'success', actor, detail: { id, kind } }, tx);
    // Whoever works on it hears of this; one that waits for its time is taken up for it.
    await publishChange(tx, { topic: 'operation', operationId: id });
    await enqueueOperation(tx, id);
  });
  if (begunAt == null) await finishOperation(em, id, { kind: 'canceled' }, clock());
}
