import type { EntityManager } from '@mikro-orm/postgresql';
import type { Counted } from '../operation/rows.js';

/**
 * Gives rows their outcome that are not sent: those that cannot be right, and every copy of a key that stands there more than once.
 * By one statement each, whatever the number of rows.
 */
export async function settleRefused(tx: EntityManager, operationId: string): Promise<Counted> {
  const copies = await tx.execute<unknown[]>(
    `with copy as (
       select id, count(*) over same as copies, min(number) over same as first
       from operation_row
       where operation_id = ? and input->>'fold' <> '' and input->'refusal'->>'outcome' is distinct from 'INVALID'
         and input->'refusal'->>'outcome' is distinct from 'COURSE_NOT_FOUND'
       window same as (partition by input->>'fold', input->>'courseKey'))
     update operation_row row set outcome = 'DUPLICATED', detail = row.input - 'fold' - 'refusal',
       reason = 'The student key stands in ' || copy.copies || ' rows, first in row ' || copy.first ||
         '; nothing was written for it. Keep one of them.'
     from copy where row.id = copy.id and copy.copies > 1 and row.outcome is null returning 1`,
    [operationId],
  );
  const refused = await tx.execute<unknown[]>(
    `update operation_row set outcome = input->'refusal'->>'outcome', reason = input->'refusal'->>'reason',
       detail = input - 'fold' - 'refusal'
     where operation_id = ? and outcome is null and input->'refusal' is not null returning 1`,
    [operationId],
  );
  // A file without rows has none, and not an unknown number.
  await tx.execute(
    'update operation set total = (select count(*) from operation_row where operation_id = operation.id) where id = ?',
    [operationId],
  );
  const count = copies.length + refused.length;
  return { done: count, failed: count };
}
