import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors.js';
import type { LearningHint } from './raise-hints.js';

export interface DueHint extends LearningHint {
  lmsUsername: string;
  tries: number;
  raisedAt: Date;
}

/** Refused by the LMS so often, a hint is dropped: it is no more than that. */
const mostTries = 5;
const outagePauseMs = 15_000;
const refusalPauseMs = 60_000;

/** Due ones, oldest first. Those of accounts that have no LMS user any more are dropped. */
export async function findDueHints(em: EntityManager, now: Date, limit: number): Promise<DueHint[]> {
  await em.fork().execute(
    `delete from learning_hint hint where due_at <= ? and not exists (
       select 1 from edx_link link where link.account_id = hint.account_id and link.edx_username is not null)`,
    [now],
  );
  const rows = await em.fork().execute<(Omit<DueHint, 'raisedAt'> & { raisedAt: string | Date })[]>(
    `select hint.account_id as "accountId", hint.course_key as "courseKey", hint.enrollment, hint.grade, hint.certificate,
       hint.tries, hint.raised_at as "raisedAt", link.edx_username as "lmsUsername"
     from learning_hint hint join edx_link link on link.account_id = hint.account_id
     where hint.due_at <= ? order by hint.due_at, hint.account_id, hint.course_key limit ?`,
    [now, limit],
  );
  return rows.map((row) => ({ ...row, raisedAt: new Date(row.raisedAt) }));
}

/** When the next one is due; nothing when there is none. */
export async function nextDueAt(em: EntityManager): Promise<Date | undefined> {
  const [row] = await em
    .fork()
    .execute<{ due: string | Date | null }[]>('select min(due_at) as due from learning_hint');
  return row?.due ? new Date(row.due) : undefined;
}

/**
 * Forgets the hints that were followed. One that was raised again since, or too shortly before the LMS was asked, is due again;
 * one that could not be followed comes later.
 *
 * @param failures - of hints, by what the LMS answered in place of what was asked
 * @returns how many were dropped, since the LMS refuses them for good
 */
export async function settleHints(
  em: EntityManager,
  {
    hints,
    failures,
    startedAt,
    now,
    settleMs,
  }: {
    hints: readonly DueHint[];
    failures: ReadonlyMap<DueHint, unknown>;
    startedAt: Date;
    now: Date;
    settleMs: number;
  },
): Promise<number> {
  const rows = hints.map((hint) => {
    const error = failures.get(hint);
    const isOutage = error instanceof AppError && error.retryable;
    const tries = error === undefined || isOutage ? hint.tries : hint.tries + 1;
    const isDropped = tries >= mostTries;
    const pauseMs = isOutage ? outagePauseMs : refusalPauseMs * 2 ** tries;
    return {
      account_id: hint.accountId,
      course_key: hint.courseKey,
      is_done: error === undefined || isDropped,
      is_dropped: isDropped,
      tries,
      later: new Date(now.getTime() + pauseMs),
      known_until: new Date(startedAt.getTime() - settleMs),
    };
  });
  await em.fork().transactional(async (tx) => {
    const settled = `jsonb_to_recordset(?::jsonb) as settled (account_id uuid, course_key text, is_done boolean, tries int,
      later timestamptz, known_until timestamptz)
      where hint.account_id = settled.account_id and hint.course_key = settled.course_key`;
    await tx.execute(
      `delete from learning_hint hint using ${settled} and settled.is_done and hint.raised_at <= settled.known_until`,
      [JSON.stringify(rows)],
    );
    await tx.execute(
      `update learning_hint hint set
         due_at = case when settled.is_done then hint.raised_at + make_interval(secs => ?) else settled.later end,
         tries = case when settled.is_done then 0 else settled.tries end
       from ${settled}`,
      [settleMs / 1000, JSON.stringify(rows)],
    );
  });
  return rows.filter((row) => row.is_dropped).length;
}
