import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueue } from '../../jobs/queue.js';

/** Something of a learner in a course run that is to be read anew. */
export interface LearningHint {
  accountId: string;
  courseKey: string;
  enrollment: boolean;
  grade: boolean;
  certificate: boolean;
}

/** The LMS tells of what it has not committed yet: before so long it is not asked. */
export const usualSettleMs = 1_500;

const statement = `
  insert into learning_hint as present (account_id, course_key, enrollment, grade, certificate, raised_at, due_at)
  select account_id, course_key, bool_or(enrollment),
    bool_or(grade) or bool_or(enrollment) and exists (select 1 from course_grade known
      where known.account_id = hint.account_id and known.course_key = hint.course_key),
    bool_or(certificate) or bool_or(enrollment) and exists (select 1 from certificate known
      where known.account_id = hint.account_id and known.course_key = hint.course_key),
    ?::timestamptz, ?::timestamptz
  from jsonb_to_recordset(?::jsonb)
    as hint (account_id uuid, course_key text, enrollment boolean, grade boolean, certificate boolean)
  group by account_id, course_key order by account_id, course_key
  on conflict (account_id, course_key) do update set
    enrollment = present.enrollment or excluded.enrollment, grade = present.grade or excluded.grade,
    certificate = present.certificate or excluded.certificate,
    raised_at = greatest(present.raised_at, excluded.raised_at), due_at = least(present.due_at, excluded.due_at), tries = 0`;

/**
 * Takes down what is to be read anew, and has the job `follow-learning-hints` do it soon. Many hints of one learner and run are one.
 * Where a grade or a certificate is known it is read with the enrollment, since the LMS makes both anew when the mode changes.
 */
export async function raiseHints(
  tx: EntityManager,
  hints: readonly LearningHint[],
  { now, dueAt }: { now: Date; dueAt: Date },
): Promise<void> {
  if (hints.length === 0) return;
  const rows = hints.map(({ accountId, courseKey, ...what }) => ({
    account_id: accountId,
    course_key: courseKey,
    ...what,
  }));
  await tx.execute(statement, [now, dueAt, JSON.stringify(rows)]);
  await enqueueFollow(tx, dueAt);
}

/** One job waits at a time; another wish does not put it off. */
export function enqueueFollow(em: EntityManager, runAt: Date): Promise<void> {
  return enqueue(em, 'follow-learning-hints', {}, { key: 'learning-hints', runAt, keepsTime: true });
}
