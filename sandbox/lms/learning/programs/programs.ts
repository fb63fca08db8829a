import type { Call } from '../../http/call.js';
import type { ApiViewOptions } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, Program, ProgramCourseEnrollment, ProgramEnrollment } from '../../rows.js';
import { requireStaffOrSelf } from '../access.js';
import { codedError, findCourse } from '../grades/course-lookup.js';

export const PROGRAMS_API = '/api/program_enrollments/v1';

/** What the views for staff have in common. No scope opens them to restricted applications. */
export const STAFF_VIEW = {
  profile: 'P1',
  errors: 'E2',
  permission: requireStaffOrSelf,
} satisfies Partial<ApiViewOptions>;

/** @throws AnswerNow 404 `program_does_not_exist`: also for every program while the LMS's cache of them is empty */
export function findProgram({ state }: Lms, call: Call): Program {
  const program = state.programs.get(call.param('uuid').toLowerCase());
  if (program === undefined) throw codedError('no program exists with given key', 'program_does_not_exist');
  return program;
}

/** @throws AnswerNow 404 for an unknown course, or one that the program does not have */
export function findProgramCourse(lms: Lms, call: Call): { program: Program; course: CourseRun } {
  const program = findProgram(lms, call);
  const course = findCourse(lms, call.param('course_key'), 'Unknown course');
  if (!program.courseKeys.includes(course.courseKey))
    throw codedError("the program's curriculum does not contain the given course", 'course_not_in_program');
  return { program, course };
}

export function programEnrollment(
  { state }: Lms,
  programUuid: string,
  studentKey: string,
): ProgramEnrollment | undefined {
  return state.programEnrollments.get(`${programUuid} ${studentKey}`.toLowerCase());
}

export function putProgramEnrollment({ state }: Lms, row: ProgramEnrollment): void {
  state.programEnrollments.set(`${row.programUuid} ${row.studentKey}`.toLowerCase(), row);
}

export function programCourseEnrollment(
  { state }: Lms,
  programUuid: string,
  courseKey: string,
  studentKey: string,
): ProgramCourseEnrollment | undefined {
  return state.programCourseEnrollments.get(`${programUuid} ${courseKey} ${studentKey}`.toLowerCase());
}

export function putProgramCourseEnrollment({ state }: Lms, row: ProgramCourseEnrollment): void {
  state.programCourseEnrollments.set(`${row.programUuid} ${row.courseKey} ${row.studentKey}`.toLowerCase(), row);
}

/** Rows of one program's course, oldest first. */
export function courseRows({ state }: Lms, programUuid: string, courseKey: string): ProgramCourseEnrollment[] {
  return state.programCourseEnrollmentsByCourse.of(`${programUuid} ${courseKey}`).sort((a, b) => a.id - b.id);
}
