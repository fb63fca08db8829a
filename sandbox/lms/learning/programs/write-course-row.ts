import type { Program } from '../../../catalog/rows.js';
import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { ProgramCourseEnrollment, ProgramEnrollment } from '../../program-tables.js';
import type { CourseRun } from '../../rows.js';
import type { RowOutcome, WriteRow } from './batch-write.js';
import { enrollInMasters, followStatus, setStaffRole } from './masters-enrollment.js';
import type { WriteRights } from './program-enrollments.js';

export const COURSE_STATUSES = ['active', 'inactive'];

interface CourseWrite {
  readonly program: Program;
  readonly course: CourseRun;
  readonly rights: WriteRights;
  readonly row: WriteRow;
  readonly now: Date;
}

/** Writes one row of a course's program enrollments. A conflict with another program is named by the stored spelling of the key. */
export function writeCourseRow(lms: Lms, write: CourseWrite): RowOutcome {
  const { program, course, rights, row, now } = write;
  const { programs } = lms.state;
  const { studentKey: key, status } = row;
  const say = (outcome: string): RowOutcome => ({ key, outcome });
  if (!COURSE_STATUSES.includes(status)) return say('invalid-status');
  const elsewhere = status === 'active' ? findActiveElsewhere(lms, key, program, course) : undefined;
  if (elsewhere !== undefined) return { key: elsewhere.studentKey ?? key, outcome: 'conflict' };
  const inProgram = programs.enrollment(program.uuid, key);
  if (inProgram === undefined) return say('not-in-program');
  const before = programs.courseEnrollment(inProgram.id, course.courseKey);
  if (before === undefined && !rights.mayCreate) return say('not-found');
  if (before !== undefined && !rights.mayUpdate) return say('conflict');
  const modified = toInstant(now);
  const after: ProgramCourseEnrollment = {
    id: before?.id ?? lms.state.nextId('programCourseEnrollment'),
    enrollmentId: inProgram.id,
    programUuid: program.uuid,
    courseKey: course.courseKey,
    status,
    isCourseStaff: row.courseStaff ?? before?.isCourseStaff ?? false,
    isAttached: before?.isAttached ?? inProgram.username !== null,
    created: before?.created ?? modified,
    modified,
  };
  programs.putCourseEnrollment(after);
  const user = inProgram.username === null ? undefined : lms.state.user(inProgram.username);
  if (before !== undefined) followStatus(lms, inProgram, after, course, now);
  else if (user !== undefined) enrollInMasters(lms, user, course, status, now);
  if (user !== undefined && row.courseStaff !== undefined) setStaffRole(lms, user.username, course, row.courseStaff);
  return say(status);
}

/** A learner takes a run through one program at a time: the key's place in another program where the run is active. */
function findActiveElsewhere(
  { state: { programs } }: Lms,
  key: string,
  program: Program,
  course: CourseRun,
): ProgramEnrollment | undefined {
  return programs.byKey
    .of(key.toLowerCase())
    .find(
      ({ id, programUuid }) =>
        programUuid !== program.uuid && programs.courseEnrollment(id, course.courseKey)?.status === 'active',
    );
}
