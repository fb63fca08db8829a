import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueueOperation } from './begin.js';

/** Operations of one look. */
const batchSize = 100;

/**
 * The safety net: an operation whose turn it is, and for which no job is left, gets one. Those behind it in its lane follow by
 * themselves.
 */
export async function resumeForgotten(em: EntityManager): Promise<number> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from operation where finished_at is null
       and not exists (
         select 1 from operation earlier
         where earlier.lane = operation.lane and earlier.finished_at is null and earlier.id < operation.id)
       and not exists (
         select 1 from graphile_worker.jobs job
         where job.key = 'operation:' || operation.id and job.attempts < job.max_attempts)
     order by id limit ${batchSize}`,
  );
  for (const { id } of rows) await enqueueOperation(em, id);
  return rows.length;
}
