import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { LmsCourseMode } from '../../datasources/lms/course-modes.js';
import type { StoredCourseMode } from '../../entities/course-run.entity.js';

/** The modes of one run as the LMS has them. */
export interface SeenModes {
  courseKey: string;
  modes: readonly LmsCourseMode[];
}

const statement = `
  with seen as (select * from jsonb_to_recordset(?::jsonb) as seen (course_key text, modes jsonb)),
  before as (
    select course_key, modes from course_run where course_key in (select course_key from seen) order by course_key for update
  )
  update course_run set modes = seen.modes, modes_as_of = ?::timestamptz,
    updated_at = case when before.modes is distinct from seen.modes then ?::timestamptz else updated_at end
  from seen join before using (course_key)
  where course_run.course_key = seen.course_key
  returning before.modes is distinct from seen.modes as is_changed`;

/**
 * Stores the modes of runs that are stored already, and announces what changed.
 *
 * @param asOf - when the LMS was asked
 * @returns how many runs have other modes now; with `isDryRun`, would have
 */
export async function storeModes(
  em: EntityManager,
  seen: readonly SeenModes[],
  { asOf, isDryRun }: { asOf: Date; isDryRun: boolean },
): Promise<{ updated: number; unchanged: number }> {
  const rows = seen.map(({ courseKey, modes }) => ({ course_key: courseKey, modes: modes.map(toStored) }));
  const tx = em.fork();
  await tx.begin();
  try {
    const written = await tx.execute<{ is_changed: boolean }[]>(statement, [JSON.stringify(rows), asOf, asOf]);
    const updated = written.filter((row) => row.is_changed).length;
    if (updated > 0) await publishChange(tx, { topic: 'course-runs' });
    await (isDryRun ? tx.rollback() : tx.commit());
    return { updated, unchanged: written.length - updated };
  } catch (error) {
    if (tx.isInTransaction()) await tx.rollback();
    throw error;
  }
}

function toStored({ slug, name, minPrice, currency, expiresAt }: LmsCourseMode): StoredCourseMode {
  return { slug, name, minPrice, currency, expiresAt: expiresAt?.toISOString() ?? null };
}
