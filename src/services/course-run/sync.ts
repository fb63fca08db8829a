import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { publishChange } from '../../changes/publish-change.js';
import type { LmsCourseRun } from '../../datasources/lms/courses.js';

export interface CourseRunSyncCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Runs that are stored here and that the LMS did not list; they are kept. */
  missing: number;
  /** The first of them, for a person to look at. */
  missingKeys: string[];
}

const batchSize = 200;
const shownMissing = 20;

/** Stores a whole catalogue, in batches, each in a transaction of its own. Unchanged runs are not written. */
export async function storeCatalogue(
  em: EntityManager,
  runs: readonly LmsCourseRun[],
  asOf: Date,
): Promise<CourseRunSyncCounts> {
  const counts: CourseRunSyncCounts = { created: 0, updated: 0, unchanged: 0, missing: 0, missingKeys: [] };
  for (let start = 0; start < runs.length; start += batchSize) {
    const stored = await storeRuns(em, runs.slice(start, start + batchSize), asOf);
    counts.created += stored.created;
    counts.updated += stored.updated;
    counts.unchanged += stored.unchanged;
  }
  const missing = await em.fork().execute<{ key: string }[]>(
    `select course_key as key from course_run
     where course_key not in (select jsonb_array_elements_text(?::jsonb)) order by course_key`,
    [JSON.stringify(runs.map((run) => run.courseKey))],
  );
  counts.missing = missing.length;
  counts.missingKeys = missing.slice(0, shownMissing).map(({ key }) => key);
  return counts;
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
export async function storeRuns(
  em: EntityManager,
  runs: readonly LmsCourseRun[],
  asOf: Date,
): Promise<Pick<CourseRunSyncCounts, 'created' | 'updated' | 'unchanged'>> {
  return em.fork().transactional(async (tx) => {
    const rows = runs.map(toRow);
    const written = await tx.execute<{ is_new: boolean }[]>(upsert, [asOf, asOf, asOf, JSON.stringify(rows)]);
    // That the LMS said so again is no change of the run.
    await tx.execute(
      'update course_run set as_of = ? where as_of < ? and course_key in (select jsonb_array_elements_text(?::jsonb))',
      [asOf, asOf, JSON.stringify(rows.map((row) => row.course_key))],
    );
    if (written.length > 0) await publishChange(tx, { topic: 'course-runs' });
    const created = written.filter((row) => row.is_new).length;
    return { created, updated: written.length - created, unchanged: runs.length - written.length };
  });
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
