import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.js';
import type { AuditService } from './audit/audit.service.js';

/** A job that failed so often that it is not run again by itself. */
export interface DeadJob {
  id: string;
  job: string;
  /** Ids of what it concerns; what is sealed is left out. */
  payload: Record<string, unknown>;
  attempts: number;
  lastError: string | null;
  addedAt: Date;
  failedAt: Date;
}

/** Jobs that need somebody: listed, and run again when the reason is gone. */
export interface DeadJobService {
  /** Oldest first. @param after - id of the job that the page begins after */
  list(page: { size: number; after?: string | undefined }): Promise<DeadJob[]>;
  /** Has jobs run again, with all their tries. @returns ids of those that were dead */
  replay(ids: readonly string[], actor: Actor): Promise<string[]>;
}

const dead = 'attempts >= max_attempts and locked_at is null and last_error is not null';

export function createDeadJobService({
  em,
  audit,
}: {
  em: EntityManager;
  audit: Pick<AuditService, 'record'>;
}): DeadJobService {
  return {
    list: ({ size, after = '0' }) =>
      em.fork().execute<DeadJob[]>(
        `select job.id::text, task.identifier as job, job.payload::jsonb - 'sealed' as payload, job.attempts,
           job.last_error as "lastError", job.created_at as "addedAt", job.updated_at as "failedAt"
         from graphile_worker._private_jobs job join graphile_worker._private_tasks task on task.id = job.task_id
         where ${dead} and job.id > ?::bigint order by job.id limit ?`,
        [after, size],
      ),
    replay: (ids, actor) =>
      em.fork().transactional(async (tx) => {
        const rows = await tx.execute<{ id: string }[]>(
          `select replayed.id::text from graphile_worker.reschedule_jobs(
             array(select id from graphile_worker._private_jobs
               where ${dead} and id in (select value::bigint from jsonb_array_elements_text(?::jsonb))),
             run_at => now(), attempts => 0) as replayed`,
          [JSON.stringify(ids)],
        );
        const replayed = rows.map(({ id }) => id);
        if (replayed.length > 0)
          await audit.record(
            { action: 'jobs.replayed', outcome: 'success', actor, detail: { jobs: replayed.slice(0, 100) } },
            tx,
          );
        return replayed;
      }),
  };
}
