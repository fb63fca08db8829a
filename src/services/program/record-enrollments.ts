import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { ProgramCourseStatus, ProgramEnrollmentStatus } from '../../entities/program-enrollment.entity.js';

/** A program enrollment as the LMS has it. */
export interface SeenProgramEnrollment {
  externalKey: string;
  status: ProgramEnrollmentStatus;
  /** Null: not known; what is stored stays. */
  curriculumUuid: string | null;
}

/** An enrollment in a run within a program, as the LMS has it. */
export interface SeenProgramCourseEnrollment {
  externalKey: string;
  courseKey: string;
  status: ProgramCourseStatus;
  /** Null: not known; what is stored stays. */
  courseStaff: boolean | null;
}

/** Where rows belong, and when the LMS confirmed them. */
export interface RecordedFor {
  programId: string;
  confirmedAt: Date;
  /** How a learner who is new here came to be known, e.g. `upload`. */
  source: string;
}

const seenLearners = `
  program as (select id, organization_id from program where id = ?),
  learner as (
    insert into learner_link as present
      (id, created_at, updated_at, organization_id, external_key, state, source)
    select distinct on (lower(seen.external_key)) seen.learner_id, ?::timestamptz, ?::timestamptz,
      program.organization_id, seen.external_key, 'WAITING', ?
    from seen, program order by lower(seen.external_key), seen.number
    on conflict (organization_id, lower(external_key)) do update set external_key = present.external_key
    returning id, lower(external_key) as key, xmax = 0 as is_new),
  event as (
    insert into learner_link_event (id, learner_link_id, at, to_state, cause)
    select gen_random_uuid(), id, ?::timestamptz, 'WAITING', ? from learner where is_new)`;

const programEnrollments = `
  with seen as (
    select * from jsonb_to_recordset(?::jsonb) as seen (number int, id uuid, learner_id uuid, external_key text,
      status text, curriculum_uuid uuid)),
  ${seenLearners}
  insert into program_enrollment as present
    (id, created_at, updated_at, program_id, curriculum_uuid, learner_link_id, status, confirmed_at, as_of)
  select distinct on (learner.id) seen.id, ?::timestamptz, ?::timestamptz, program.id, seen.curriculum_uuid, learner.id,
    seen.status, ?::timestamptz, ?::timestamptz
  from seen join learner on learner.key = lower(seen.external_key), program
  order by learner.id, seen.number desc
  on conflict (program_id, learner_link_id) do update set
    status = excluded.status, confirmed_at = excluded.confirmed_at, as_of = excluded.as_of, updated_at = excluded.updated_at,
    curriculum_uuid = coalesce(excluded.curriculum_uuid, present.curriculum_uuid)
  where present.as_of <= excluded.as_of`;

/**
 * Stores what the LMS said of enrollments in one program, in the caller's transaction: the last row of a key counts. Learners who
 * are new here wait for an account. What was seen later is kept.
 *
 * @param rows - at most some thousands: they are written by one statement
 */
export async function recordProgramEnrollments(
  tx: EntityManager,
  at: RecordedFor,
  rows: readonly SeenProgramEnrollment[],
): Promise<void> {
  const seen = rows.map(({ externalKey, status, curriculumUuid }, number) => ({
    number,
    id: uuidv7(),
    learner_id: uuidv7(),
    external_key: externalKey,
    status,
    curriculum_uuid: curriculumUuid,
  }));
  await tx.execute(programEnrollments, [JSON.stringify(seen), ...learnerParameters(at), ...times(at, 4)]);
}

const courseEnrollments = `
  with seen as (
    select * from jsonb_to_recordset(?::jsonb) as seen (number int, id uuid, external_key text, course_key text,
      status text, course_staff boolean))
  insert into program_course_enrollment as present
    (id, created_at, updated_at, program_enrollment_id, course_key, status, course_staff, confirmed_at, as_of)
  select distinct on (enrollment.id, seen.course_key) seen.id, ?::timestamptz, ?::timestamptz, enrollment.id, seen.course_key,
    seen.status, seen.course_staff, ?::timestamptz, ?::timestamptz
  from seen
    join program on program.id = ?
    join learner_link learner
      on learner.organization_id = program.organization_id and lower(learner.external_key) = lower(seen.external_key)
    join program_enrollment enrollment on enrollment.program_id = program.id and enrollment.learner_link_id = learner.id
  order by enrollment.id, seen.course_key, seen.number desc
  on conflict (program_enrollment_id, course_key) do update set
    status = excluded.status, confirmed_at = excluded.confirmed_at, as_of = excluded.as_of, updated_at = excluded.updated_at,
    course_staff = coalesce(excluded.course_staff, present.course_staff)
  where present.as_of <= excluded.as_of`;

/**
 * Stores what the LMS said of enrollments in runs within one program, in the caller's transaction. A learner whose program
 * enrollment is not known here is left out: read the program's enrollments first.
 *
 * @param rows - at most some thousands: they are written by one statement
 */
export async function recordProgramCourseEnrollments(
  tx: EntityManager,
  at: RecordedFor,
  rows: readonly SeenProgramCourseEnrollment[],
): Promise<void> {
  const seen = rows.map(({ externalKey, courseKey, status, courseStaff }, number) => ({
    number,
    id: uuidv7(),
    external_key: externalKey,
    course_key: courseKey,
    status,
    course_staff: courseStaff,
  }));
  await tx.execute(courseEnrollments, [JSON.stringify(seen), ...times(at, 4), at.programId]);
}

/** In the order of the statement: the program, then the two times and the source of new learners, then their event. */
function learnerParameters(at: RecordedFor): unknown[] {
  return [at.programId, ...times(at, 2), at.source, at.confirmedAt, at.source];
}

function times({ confirmedAt }: RecordedFor, count: number): Date[] {
  return Array.from({ length: count }, () => confirmedAt);
}
