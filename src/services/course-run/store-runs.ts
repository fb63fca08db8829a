import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { publishChange } from '../../changes/publish-change.js';
import type { LmsCourseRun } from '../../datasources/lms/courses.js';
import type { Logger } from '../../logger.js';
import { storeInParts } from '../store-in-parts.js';

export interface StoredRuns {
  created: number;
  updated: number;
  unchanged: number;
  /** Keys of runs that could not be stored. */
  failed: string[];
}

export interface StoreOptions {
  /** When the LMS was asked. */
  asOf: Date;
  /** Only says what would be written. */
  isDryRun: boolean;
  logger: Logger;
}

const batchSize = 200;

/**
 * Stores runs, in batches, each in a transaction of its own. Unchanged runs are not written. A run that cannot be stored does not
 * take the others of its batch with it.
 *
 * @throws {@link DatabaseUnavailableError}
 */
export async function storeRuns(
  em: EntityManager,
  runs: readonly LmsCourseRun[],
  options: StoreOptions,
): Promise<StoredRuns> {
  const total: StoredRuns = { created: 0, updated: 0, unchanged: 0, failed: [] };
  for (let start = 0; start < runs.length; start += batchSize) {
    const batch = runs.slice(start, start + batchSize);
    const { stored, failed } = await storeInParts(batch, (part) => storeBatch(em, part, options));
    for (const part of stored) {
      total.created += part.created;
      total.updated += part.updated;
      total.unchanged += part.unchanged;
    }
    for (const { item, error } of failed) {
      options.logger.warn({ err: error, courseKey: item.courseKey }, 'a course run cannot be stored');
      total.failed.push(item.courseKey);
    }
  }
  return total;
}

const facts = [
  'title',
  'org',
  'number',
  '"start"',
  '"end"',
  'enrollment_start',
  'enrollment_end',
  'pacing',
  'invitation_only',
  'hidden',
  'image_url',
];
const listed = facts.join(', ');
const ofPresent = facts.map((name) => `present.${name}`).join(', ');
const ofExcluded = facts.map((name) => `excluded.${name}`).join(', ');

/** The database compares, so that a run that is the same is not written, whoever else stores it at the same moment. */
const upsert = `
  insert into course_run as present (id, created_at, updated_at, course_key, as_of, ${listed})
  select id, ?::timestamptz, ?::timestamptz, course_key, ?::timestamptz, ${listed}
  from jsonb_to_recordset(?::jsonb) as seen (id uuid, course_key text, title text, org text, number text,
    "start" timestamptz, "end" timestamptz, enrollment_start timestamptz, enrollment_end timestamptz, pacing text,
    invitation_only boolean, hidden boolean, image_url text)
  order by course_key
  on conflict (course_key) do update
    set (${listed}, updated_at, as_of) = (${ofExcluded}, excluded.updated_at, excluded.as_of)
    where (${ofPresent}) is distinct from (${ofExcluded})
  returning xmax = 0 as is_new`;

/** Writes what differs, and announces it if anything did. */
async function storeBatch(
  em: EntityManager,
  runs: readonly LmsCourseRun[],
  { asOf, isDryRun }: StoreOptions,
): Promise<Omit<StoredRuns, 'failed'>> {
  const rows = runs.map(toRow);
  const tx = em.fork();
  await tx.begin();
  try {
    const written = await tx.execute<{ is_new: boolean }[]>(upsert, [asOf, asOf, asOf, JSON.stringify(rows)]);
    // That the LMS said so again is no change of the run.
    await tx.execute(
      'update course_run set as_of = ? where as_of < ? and course_key in (select jsonb_array_elements_text(?::jsonb))',
      [asOf, asOf, JSON.stringify(rows.map((row) => row.course_key))],
    );
    if (written.length > 0) await publishChange(tx, { topic: 'course-runs' });
    await (isDryRun ? tx.rollback() : tx.commit());
    const created = written.filter((row) => row.is_new).length;
    return { created, updated: written.length - created, unchanged: runs.length - written.length };
  } catch (error) {
    if (tx.isInTransaction()) await tx.rollback();
    throw error;
  }
}

function toRow(run: LmsCourseRun) {
  const [org, number] = run.courseKey.replace(/^course-v1:/, '').split(/[+/]/);
  return {
    id: uuidv7(),
    course_key: run.courseKey,
    title: run.title ?? run.courseKey,
    org: run.org ?? org ?? '',
    number: run.number ?? number ?? '',
    start: run.start,
    end: run.end,
    enrollment_start: run.enrollmentStart,
    enrollment_end: run.enrollmentEnd,
    pacing: run.pacing,
    invitation_only: run.isInvitationOnly,
    hidden: run.isHidden,
    image_url: run.imageUrl,
  };
}
