import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type Operation, OperationEntity } from '../../entities/operation.entity.js';
import { ConflictError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { beginOperation } from './begin.js';
import type { OperationInputs, OperationKind } from './inputs.js';
import type { OperationDefinition, OperationDefinitions } from './kinds.js';

export interface RetryDeps {
  em: EntityManager;
  clock: Clock;
  /** Those that this process knows. */
  kinds: Partial<OperationDefinitions>;
  audit: Pick<AuditService, 'record'>;
}

/** Begins an operation that does again what failed or was not done of another one; the rows keep their numbers. */
export function retryOperation({ em, clock, kinds, audit }: RetryDeps, operation: Operation, actor: Actor) {
  const { id, kind } = operation;
  if (operation.finishedAt == null) throw new ConflictError('The operation is not finished yet.');
  const definition: OperationDefinition<OperationKind> | undefined = kinds[kind as OperationKind];
  if (!definition) throw new ConflictError('This version of Portico has no operations of this kind.');
  return em.fork().transactional(async (tx) => {
    await lockUntilCommit(tx, `retry-operation:${id}`);
    const underWay = await tx.findOne(OperationEntity, { retryOf: id, finishedAt: null });
    if (underWay) return underWay;
    const [left] = await tx.execute<{ count: number }[]>(
      `select count(*)::int as count from operation_row where operation_id = ? and outcome is distinct from 'OK'`,
      [id],
    );
    const count = left?.count ?? 0;
    if (count === 0 && operation.state === 'SUCCEEDED')
      throw new ConflictError('Every row succeeded: there is nothing to do again.');
    const input = operation.input as OperationInputs[OperationKind];
    const again = await beginOperation(tx, kind as OperationKind, definition, input, {
      actor,
      now: clock(),
      retryOf: id,
    });
    again.checkpoint = operation.checkpoint;
    again.total = count > 0 ? count : null;
    await tx.flush();
    // Ids that are in the order of the numbers, as pages want them.
    await tx.execute(
      `insert into operation_row (id, operation_id, number, key, input)
       select (lpad(to_hex(number), 8, '0') || substr(gen_random_uuid()::text, 9))::uuid, ?, number, key, input from operation_row
       where operation_id = ? and outcome is distinct from 'OK'`,
      [again.id, id],
    );
    await audit.record({ action: 'operation.retried', outcome: 'success', actor, detail: { id, kind } }, tx);
    return again;
  });
}
