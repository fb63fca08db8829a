import { activeCurriculum } from '../../../catalog/catalog-tables.js';
import type { Program } from '../../../catalog/rows.js';
import type { Call } from '../../http/call.js';
import type { ApiViewOptions } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { CourseRun } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { requireStaffOrSelf } from '../access.js';
import { codedError, findCourse } from '../grades/course-lookup.js';

export const PROGRAMS_API = '/api/program_enrollments/v1';
/** Rows of a page when nothing is asked for; there is no maximum. */
export const PAGE_SIZE = 100;

/** What the views for staff have in common. No scope opens them to restricted applications. */
export const STAFF_VIEW = {
  profile: 'P1',
  errors: 'E2',
  permission: requireStaffOrSelf,
} satisfies Partial<ApiViewOptions>;

/** The programs that the LMS has in its cache. */
export function cachedPrograms({ settings, catalog }: LmsState): Program[] {
  return settings.programCache === false ? [] : [...catalog.programs.values()];
}

/** @throws AnswerNow 404 `program_does_not_exist`: also for every program while the LMS's cache of them is empty */
export function findProgram({ state }: Lms, call: Call): Program {
  const uuid = dashed(call.param('uuid').toLowerCase());
  const program = state.settings.programCache === false ? undefined : state.catalog.programs.get(uuid);
  if (program === undefined) throw codedError('no program exists with given key', 'program_does_not_exist');
  return program;
}

/** A UUID may come without its dashes. */
function dashed(uuid: string): string {
  return uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @throws AnswerNow 404 for an unknown course, or one that the program does not have */
export function findProgramCourse(lms: Lms, call: Call): { program: Program; course: CourseRun } {
  const program = findProgram(lms, call);
  const course = findCourse(lms, call.param('course_key'), 'Unknown course');
  if (!programRunKeys(lms.state, program).has(course.courseKey))
    throw codedError("the program's curriculum does not contain the given course", 'course_not_in_program');
  return { program, course };
}

/** Keys of the runs of a program as the LMS sees it: its active curriculum, its own courses, and the same of nested programs. */
export function programRunKeys(state: LmsState, program: Program, seen = new Set<string>()): Set<string> {
  seen.add(program.uuid);
  const curriculum = activeCurriculum(program);
  const own = curriculum === undefined ? [] : state.catalog.curriculumRuns(program, curriculum.uuid);
  const keys = new Set([...own, ...state.catalog.runsOf(program.courses)].map(({ key }) => key));
  for (const uuid of curriculum?.programs ?? []) {
    const nested = seen.has(uuid) ? undefined : state.catalog.programs.get(uuid);
    if (nested !== undefined) for (const key of programRunKeys(state, nested, seen)) keys.add(key);
  }
  return keys;
}
