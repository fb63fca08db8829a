import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { announcing } from '../../changes/publish-change.js';
import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import { type Enrollment, EnrollmentEntity, type EnrollmentState } from '../../entities/enrollment.entity.js';
import { prepareRows } from '../../entities/prepared-rows.js';
import { systemActor } from '../actor.js';
import { type ChangeReason, changeEnrollment, lockEnrollment } from './change.js';
import { clearFailed } from './dead-letter.js';
import { readEnrollmentsOf } from './read-enrollments.js';

/** All enrollments that the LMS has of one learner, inactive ones included, as of a moment. */
export interface SeenEnrollments {
  accountId: string;
  lmsUsername: string;
  rows: readonly LmsEnrollment[];
  /** When the LMS was asked. */
  asOf: Date;
  /** The local rows, where they were read while the LMS was asked. */
  local?: readonly Enrollment[];
}

const seenInLms: ChangeReason = { actor: systemActor, cause: 'seen-in-lms' };

/**
 * Takes over what the LMS says into the local rows. A row with a wish under way keeps its state until its job has the LMS's
 * answer; one that was confirmed after `asOf` knows better. Costs one query when nothing differs, whatever the number of
 * learners.
 *
 * @returns the local rows of these accounts, of each the oldest first
 */
export async function recordSeen(
  em: EntityManager,
  seen: readonly SeenEnrollments[],
  now: Date,
  reason: ChangeReason = seenInLms,
): Promise<Enrollment[]> {
  const read = (of: readonly SeenEnrollments[]) =>
    readEnrollmentsOf(
      em,
      of.map(({ accountId }) => accountId),
    );
  const unread = await read(seen.filter((learner) => !learner.local));
  const local = [...unread, ...seen.flatMap((learner) => learner.local ?? [])];
  const known = new Map(local.map((row) => [keyOf(row.accountId, row.courseKey), row]));
  const all = seen.flatMap(({ rows, local: _, ...learner }) => rows.map((row): Sighting => ({ ...learner, row })));
  const unknown = all.filter(({ accountId, row }) => !known.has(keyOf(accountId, row.courseKey)));
  const differing = all.filter((sighting) => {
    const present = known.get(keyOf(sighting.accountId, sighting.row.courseKey));
    return present && isNews(present, sighting);
  });
  if (unknown.length + differing.length === 0) return local;
  const inserted = unknown.length > 0 ? await insertSeen(em, unknown, reason, now) : [];
  // Nobody else had a part in it.
  if (differing.length === 0 && inserted.length === unknown.length)
    return [...local, ...inserted].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const sighting of differing) await em.fork().transactional((tx) => updateSeen(tx, sighting, reason, now));
  return read(seen);
}

interface Sighting extends Omit<SeenEnrollments, 'rows' | 'local'> {
  row: LmsEnrollment;
}

/**
 * Inactive in the LMS is news only for what is active here: REJECTED, DEFERRED and the like say more about the same fact.
 */
function isNews(present: Enrollment, { row, asOf }: Sighting): boolean {
  if (present.intent != null) return false;
  if (present.confirmedAt != null && present.confirmedAt >= asOf) return false;
  if (!row.isActive) return present.state === 'ACTIVE';
  return present.state !== 'ACTIVE' || present.mode !== row.mode;
}

const insertRows = prepareRows(
  EnrollmentEntity,
  'enrollment_insert_seen',
  (columns) => `
    with seen as (
      select * from jsonb_to_recordset($1::jsonb) as seen (id uuid, event_id uuid, account_id uuid, course_key text,
        lms_username text, mode text, state text, confirmed_at timestamptz, lms_created_at timestamptz)
    ), inserted as (
      insert into enrollment (id, created_at, updated_at, account_id, course_key, lms_username, mode, state,
        confirmed_by_lms, confirmed_at, lms_created_at)
      select id, $2, $2, account_id, course_key, lms_username, mode, state, true, confirmed_at, lms_created_at
      from seen on conflict (account_id, course_key) do nothing returning *
    ), recorded as (
      insert into enrollment_event (id, enrollment_id, at, before, after, actor_id, cause)
      select event_id, id, $2::timestamptz, null,
        jsonb_build_object('state', state, 'mode', mode, 'requestedMode', null), $3::uuid, $4
      from seen where id in (select id from inserted)
    )
    select ${columns} from inserted
    where not $5 or ${announcing(`jsonb_build_object(
      'topic', 'enrollment', 'accountId', account_id, 'enrollmentId', id, 'courseKey', course_key)`)}`,
);

/**
 * Rows and the first lines of their histories, in one statement. Unless the LMS told of them they are no change to announce:
 * nobody has known anything else of them. Two readers with the same news insert in the same order, so that one waits for the other.
 *
 * @returns the rows that were not there yet
 */
function insertSeen(
  em: EntityManager,
  sightings: Sighting[],
  { actor, cause, announcesNew = false }: ChangeReason,
  now: Date,
): Promise<Enrollment[]> {
  const rows = sightings
    .toSorted((a, b) => (a.row.createdAt?.getTime() ?? 0) - (b.row.createdAt?.getTime() ?? 0))
    .map(({ accountId, lmsUsername, row, asOf }) => ({
      id: uuidv7(),
      event_id: uuidv7(),
      account_id: accountId,
      course_key: row.courseKey,
      lms_username: lmsUsername,
      mode: row.mode,
      state: stateOf(row),
      confirmed_at: asOf,
      lms_created_at: row.createdAt,
    }))
    .toSorted((a, b) => (keyOf(a.account_id, a.course_key) < keyOf(b.account_id, b.course_key) ? -1 : 1));
  return insertRows(em, JSON.stringify(rows), now, actor.accountId, cause, announcesNew);
}

async function updateSeen(tx: EntityManager, sighting: Sighting, reason: ChangeReason, now: Date): Promise<void> {
  const { accountId, lmsUsername, row, asOf } = sighting;
  const present = await lockEnrollment(tx, { accountId, courseKey: row.courseKey });
  if (!present || !isNews(present, sighting)) return;
  await changeEnrollment(
    tx,
    present,
    (enrollment) => {
      enrollment.state = stateOf(row);
      enrollment.mode = row.mode;
      enrollment.lmsUsername = lmsUsername;
      enrollment.lmsCreatedAt = row.createdAt;
      enrollment.confirmedByLms = true;
      enrollment.confirmedAt = asOf;
      enrollment.lastError = null;
      // What failed may have come true meanwhile, whoever brought it about.
      if (enrollment.state === (enrollment.failedIntent === 'UNENROLL' ? 'INACTIVE' : 'ACTIVE'))
        clearFailed(enrollment);
    },
    reason,
    now,
  );
}

function stateOf(row: LmsEnrollment): EnrollmentState {
  return row.isActive ? 'ACTIVE' : 'INACTIVE';
}

function keyOf(accountId: string, courseKey: string): string {
  return `${accountId} ${courseKey}`;
}
