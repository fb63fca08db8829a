import type { EntityManager } from '@mikro-orm/postgresql';
import { lacksUserId } from '../edx-link/lms-user-ids.js';
import { type LearningHint, raiseHints } from '../learning-hint/raise-hints.js';

/** Something to be read anew of a learner whom the LMS named by a number only. */
export interface UnknownUserHint extends Omit<LearningHint, 'accountId'> {
  lmsUserId: number;
}

const columns = 'lms_user_id, course_key, enrollment, grade, certificate';

/**
 * Keeps what concerns users whose number no link has, as long as there are links without a number: they may be theirs. Where every
 * number is known a stranger is nobody's business.
 *
 * @returns whether anything was kept
 */
export async function keepForUnknown(
  tx: EntityManager,
  hints: readonly UnknownUserHint[],
  { now, dueAt }: { now: Date; dueAt: Date },
): Promise<boolean> {
  if (hints.length === 0) return false;
  const rows = hints.map(({ lmsUserId, courseKey, ...what }) => ({
    lms_user_id: lmsUserId,
    course_key: courseKey,
    ...what,
  }));
  const kept = await tx.execute<unknown[]>(
    `insert into unknown_user_hint as present (${columns}, raised_at, due_at)
     select lms_user_id, course_key, bool_or(enrollment), bool_or(grade), bool_or(certificate), ?::timestamptz, ?::timestamptz
     from jsonb_to_recordset(?::jsonb)
       as hint (lms_user_id bigint, course_key text, enrollment boolean, grade boolean, certificate boolean)
     where lms_user_id between 1 and 2147483647
       and not exists (select 1 from edx_link link where link.edx_user_id = hint.lms_user_id)
       and exists (select 1 from edx_link link where ${lacksUserId})
     group by lms_user_id, course_key order by lms_user_id, course_key
     on conflict (lms_user_id, course_key) do update set
       enrollment = present.enrollment or excluded.enrollment, grade = present.grade or excluded.grade,
       certificate = present.certificate or excluded.certificate, raised_at = excluded.raised_at
     returning 1`,
    [now, dueAt, JSON.stringify(rows)],
  );
  return kept.length > 0;
}

interface KnownHint extends LearningHint {
  raisedAt: string | Date;
  dueAt: string | Date;
}

/** Takes down for their accounts what was kept for users whose number is known by now. */
export async function raiseKnown(em: EntityManager): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const hints = await tx.execute<KnownHint[]>(
      `delete from unknown_user_hint hint using edx_link link join account on account.id = link.account_id
       where link.edx_user_id = hint.lms_user_id and link.edx_username is not null and account.status <> 'RETIRED'
       returning link.account_id as "accountId", hint.course_key as "courseKey", hint.enrollment, hint.grade,
         hint.certificate, hint.raised_at as "raisedAt", hint.due_at as "dueAt"`,
    );
    const latest = (of: 'raisedAt' | 'dueAt') =>
      new Date(Math.max(0, ...hints.map((hint) => new Date(hint[of]).getTime())));
    await raiseHints(tx, hints, { now: latest('raisedAt'), dueAt: latest('dueAt') });
  });
}

/** Forgets what was kept for strangers, as soon as no number is missing any more. */
export async function forgetStrangers(em: EntityManager): Promise<void> {
  await em.fork().execute(
    `delete from unknown_user_hint hint
     where not exists (select 1 from edx_link link where link.edx_user_id = hint.lms_user_id)
       and not exists (select 1 from edx_link link where ${lacksUserId})`,
  );
}
