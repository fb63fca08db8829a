import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type ProgramCourseStatus,
  type ProgramEnrollmentStatus,
  programCourseStatuses,
  programEnrollmentStatuses,
} from '../../entities/program-enrollment.entity.js';
import { recordProgramCourseEnrollments, recordProgramEnrollments } from '../program/record-enrollments.js';
import type { SendableRow } from './plan-batches.js';
import type { WritableProgram } from './writable-program.js';

/** Stores what the LMS has taken, in the transaction that stores what became of the rows. */
export async function keepInStep(
  tx: EntityManager,
  program: WritableProgram,
  rows: readonly SendableRow[],
  confirmedAt: Date,
): Promise<void> {
  const at = { programId: program.id, confirmedAt, source: 'upload' };
  const inProgram = rows.flatMap(({ key, input: { status, courseKey } }) =>
    courseKey === undefined && isProgramStatus(status)
      ? [{ externalKey: key, status, curriculumUuid: program.curriculumUuid }]
      : [],
  );
  const inCourses = rows.flatMap(({ key, input: { status, courseKey, courseStaff } }) =>
    courseKey !== undefined && isCourseStatus(status)
      ? [{ externalKey: key, courseKey, status, courseStaff: courseStaff ?? null }]
      : [],
  );
  if (inProgram.length > 0) await recordProgramEnrollments(tx, at, inProgram);
  if (inCourses.length > 0) await recordProgramCourseEnrollments(tx, at, inCourses);
}

function isProgramStatus(status: string): status is ProgramEnrollmentStatus {
  return (programEnrollmentStatuses as readonly string[]).includes(status);
}

function isCourseStatus(status: string): status is ProgramCourseStatus {
  return (programCourseStatuses as readonly string[]).includes(status);
}
