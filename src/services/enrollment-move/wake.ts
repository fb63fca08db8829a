import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueue } from '../../jobs/queue.js';

/** Has the job of a move run. */
export function enqueueMove(em: EntityManager, moveId: string): Promise<void> {
  return enqueue(em, 'advance-enrollment-move', { moveId }, { key: `enrollment-move:${moveId}` });
}

/** Lets the moves that wait for an enrollment go on, in the transaction that changed it. */
export async function wakeMoves(tx: EntityManager, enrollmentId: string): Promise<void> {
  const moves = await tx.execute<{ id: string }[]>(
    `select id from enrollment_move where source_id = ? and state = 'RUNNING'
     union select id from enrollment_move where target_id = ? and state = 'RUNNING'`,
    [enrollmentId, enrollmentId],
  );
  for (const { id } of moves) await enqueueMove(tx, id);
}

/**
 * The safety net of the moves: each that is under way and has no job gets one, which finds out whether there is anything to do.
 *
 * @returns how many
 */
export async function sweepMoves(em: EntityManager): Promise<number> {
  const idle = await em.fork().execute<{ id: string }[]>(
    `select id from enrollment_move
     where state = 'RUNNING' and not exists (
       select 1 from graphile_worker.jobs job
       where job.key = 'enrollment-move:' || enrollment_move.id and job.attempts < job.max_attempts)`,
  );
  for (const { id } of idle) await enqueueMove(em.fork(), id);
  return idle.length;
}
