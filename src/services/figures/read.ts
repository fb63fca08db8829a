import type { EntityManager } from '@mikro-orm/postgresql';

/** How work stands, for whoever watches over Portico: the same in every process, since the database says so. */
export interface Figures {
  links: { stuck: number; newlyDead: number };
  /** `oldestPendingSeconds` is 0 when nothing waits for the LMS. */
  enrollments: { pending: number; oldestPendingSeconds: number; dead: number; newlyDead: number };
  /** By class of queue, every class named. `lagSeconds`: how long the job that is due longest has been waiting. */
  queues: Record<string, QueueFigures>;
}

export interface QueueFigures {
  due: number;
  lagSeconds: number;
  /** Jobs that were tried too often and rest. */
  dead: number;
}

interface JobRow {
  task: string;
  due: string;
  dead: string;
  lag_seconds: number | null;
}

interface RowFigures {
  links_stuck: string;
  links_newly_dead: string;
  pending: string;
  oldest_pending_seconds: number | null;
  dead: string;
  newly_dead: string;
}

/** Two statements over partial indexes: what is settled, which is nearly everything, is not read. */
export async function readFigures(
  em: EntityManager,
  queues: readonly string[],
  queueOf: (job: string) => string,
): Promise<Figures> {
  const [row] = await em.execute<RowFigures[]>(
    `select
       (select count(*) from edx_link
          where (state in ('PENDING', 'CREATING', 'CONFLICT', 'REJECTED', 'MISSING_UPSTREAM')
            or (state = 'LINKED' and (last_error ->> 'retryable')::bool = false))
          and (state in ('CONFLICT', 'REJECTED', 'MISSING_UPSTREAM') or (state = 'LINKED' and (last_error ->> 'retryable')::bool = false)
            or state_since <= now() - interval '1 hour')) as links_stuck,
       (select count(*) from edx_link where state in ('CONFLICT', 'REJECTED')
          and state_since > now() - interval '1 hour') as links_newly_dead,
       (select count(*) from enrollment where intent is not null) as pending,
       (select extract(epoch from now() - min(intent_since))::float8 from enrollment where intent is not null)
          as oldest_pending_seconds,
       (select count(*) from enrollment where failed_intent is not null or failed_move_id is not null
          or (state = 'ACTIVE' and (emails_error ->> 'retryable')::bool = false)) as dead,
       (select count(*) from enrollment where failed_intent is not null
          and failed_at > now() - interval '1 hour') as newly_dead`,
  );
  // One without a failure, used up, was put in again while it ran, and another has taken its place.
  const jobs = await em.execute<JobRow[]>(
    `select task_identifier as task,
       count(*) filter (where attempts < max_attempts) as due,
       count(*) filter (where attempts >= max_attempts and last_error is not null) as dead,
       extract(epoch from now() - min(run_at) filter (where attempts < max_attempts))::float8 as lag_seconds
     from graphile_worker.jobs
     where locked_at is null and (run_at <= now() or attempts >= max_attempts)
     group by task_identifier`,
  );
  return {
    links: { stuck: Number(row?.links_stuck), newlyDead: Number(row?.links_newly_dead) },
    enrollments: {
      pending: Number(row?.pending),
      oldestPendingSeconds: Math.max(0, row?.oldest_pending_seconds ?? 0),
      dead: Number(row?.dead),
      newlyDead: Number(row?.newly_dead),
    },
    queues: byQueue(jobs, queues, queueOf),
  };
}

function byQueue(
  jobs: readonly JobRow[],
  queues: readonly string[],
  queueOf: (job: string) => string,
): Record<string, QueueFigures> {
  const figures = new Map<string, QueueFigures>(queues.map((queue) => [queue, { due: 0, lagSeconds: 0, dead: 0 }]));
  for (const { task, due, dead, lag_seconds } of jobs) {
    const queue = figures.get(queueOf(task));
    if (!queue) continue;
    queue.due += Number(due);
    queue.dead += Number(dead);
    queue.lagSeconds = Math.max(queue.lagSeconds, lag_seconds ?? 0);
  }
  return Object.fromEntries(figures);
}
