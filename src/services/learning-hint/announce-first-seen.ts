import type { EntityManager } from '@mikro-orm/postgresql';
import type { Change } from '../../changes/change.js';
import { publishChanges } from '../../changes/publish-change.js';
import type { DueHint } from './due-hints.js';

/** So long before the LMS told of it somebody may have read a row, e.g. while the event bus was away. */
const firstSeenWithin = `interval '1 hour'`;

/**
 * Announces what the LMS told of and somebody had read before: whatever is seen for the first time by reading is no change, since
 * nobody has known anything else of it; but subscribers wait for it all the same. To tell it twice is harmless.
 *
 * @param asOf - when the reading of these hints began: what came into being by it is announced already
 */
export async function announceFirstSeen(em: EntityManager, hints: readonly DueHint[], asOf: Date): Promise<void> {
  const find = <Row extends object>(kind: 'enrollment' | 'grade' | 'certificate', table: string, id = 'null') => {
    const wanted = hints.filter((hint) => hint[kind]);
    if (wanted.length === 0) return Promise.resolve<Row[]>([]);
    return em.fork().execute<Row[]>(
      `select seen.account_id as "accountId", seen.course_key as "courseKey", seen.lms_username as "lmsUsername", ${id} as id
       from ${table} seen join jsonb_to_recordset(?::jsonb) as hint (account_id uuid, course_key text)
         on hint.account_id = seen.account_id and hint.course_key = seen.course_key
       where seen.created_at = seen.updated_at and seen.created_at < ?::timestamptz
         and seen.created_at > ?::timestamptz - ${firstSeenWithin}`,
      [
        JSON.stringify(wanted.map(({ accountId, courseKey }) => ({ account_id: accountId, course_key: courseKey }))),
        asOf,
        asOf,
      ],
    );
  };
  const [enrollments, grades, certificates] = await Promise.all([
    find<{ accountId: string; courseKey: string; id: string }>('enrollment', 'enrollment', 'seen.id'),
    find<{ accountId: string; courseKey: string; lmsUsername: string }>('grade', 'course_grade'),
    find<{ accountId: string; lmsUsername: string }>('certificate', 'certificate'),
  ]);
  const changes: Change[] = [
    ...enrollments.map(({ accountId, courseKey, id }) => ({
      topic: 'enrollment' as const,
      accountId,
      courseKey,
      enrollmentId: id,
    })),
    ...grades.map(({ accountId, courseKey, lmsUsername }) => ({
      topic: 'grade' as const,
      accountId,
      courseKey,
      lmsUsername,
    })),
    ...certificates.map(({ accountId, lmsUsername }) => ({ topic: 'certificates' as const, accountId, lmsUsername })),
  ];
  if (changes.length > 0) await publishChanges(em.fork(), changes);
}
