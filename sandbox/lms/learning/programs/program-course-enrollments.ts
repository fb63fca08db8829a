import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, Program, ProgramCourseEnrollment, ProgramEnrollment } from '../../rows.js';
import { putEnrollment } from '../enrollment/enroll.js';
import { type Row, readRows, writeRows } from './batch-write.js';
import { PAGE_SIZE } from './program-enrollments.js';
import {
  courseRows,
  findProgramCourse,
  PROGRAMS_API,
  programCourseEnrollment,
  programEnrollment,
  putProgramCourseEnrollment,
  STAFF_VIEW,
} from './programs.js';

const STATUSES = ['active', 'inactive'];
/** Modes that a learner of a program leaves for the program's own. */
const CONVERTED_MODES = ['audit', 'honor'];

interface Rights {
  readonly mayCreate: boolean;
  readonly mayUpdate: boolean;
}

/** `programs/{uuid}/courses/{key}/enrollments/`: who of a program takes one of its courses. */
export function programCourseEnrollmentViews(lms: Lms): View[] {
  return [
    apiView(`${PROGRAMS_API}/programs/{uuid}/courses/{course_key}/enrollments/`, {
      ...STAFF_VIEW,
      methods: {
        GET: (call) => list(lms, call),
        POST: (call) => write(lms, call, { mayCreate: true, mayUpdate: false }),
        PUT: (call) => write(lms, call, { mayCreate: true, mayUpdate: true }),
        PATCH: (call) => write(lms, call, { mayCreate: false, mayUpdate: true }),
      },
    }),
  ];
}

function list(lms: Lms, call: Call): Answer {
  const { program, course } = findProgramCourse(lms, call);
  const rows = courseRows(lms, program.uuid, course.courseKey);
  const page = cursorPage(call, rows, pageSizeArgument(call, PAGE_SIZE) || PAGE_SIZE, byId());
  return json({
    ...page,
    results: page.results.map(({ studentKey, status, isCourseStaff }) => {
      const inProgram = programEnrollment(lms, program.uuid, studentKey);
      return {
        student_key: studentKey,
        status,
        account_exists: inProgram?.username != null,
        curriculum_uuid: inProgram?.curriculumUuid ?? program.curriculumUuid,
        course_staff: isCourseStaff,
      };
    }),
  });
}

async function write(lms: Lms, call: Call, rights: Rights): Promise<Answer> {
  const { program, course } = findProgramCourse(lms, call);
  const rows = await readRows(call, ['student_key', 'status']);
  return lms.state.atomically(() =>
    writeRows(rows, (studentKey, row) => writeRow(lms, call, program, course, rights, studentKey, row)),
  );
}

function writeRow(
  lms: Lms,
  call: Call,
  program: Program,
  course: CourseRun,
  { mayCreate, mayUpdate }: Rights,
  studentKey: string,
  row: Row,
): string {
  const status = String(row.status);
  if (!STATUSES.includes(status)) return 'invalid-status';
  const inProgram = programEnrollment(lms, program.uuid, studentKey);
  if (inProgram === undefined) return 'not-in-program';
  const before = programCourseEnrollment(lms, program.uuid, course.courseKey, studentKey);
  if (before === undefined && !mayCreate) return 'not-found';
  if (before !== undefined && !mayUpdate) return 'conflict';
  if (isActiveElsewhere(lms, inProgram, course)) return 'conflict';
  const after: ProgramCourseEnrollment = {
    id: before?.id ?? lms.state.nextId('programCourseEnrollment'),
    programUuid: program.uuid,
    courseKey: course.courseKey,
    studentKey: inProgram.studentKey,
    status,
    isCourseStaff: typeof row.course_staff === 'boolean' ? row.course_staff : (before?.isCourseStaff ?? false),
  };
  putProgramCourseEnrollment(lms, after);
  enrollLinked(lms, inProgram, after, course, call.now);
  return status;
}

/** A learner takes a course through one program at a time. */
function isActiveElsewhere({ state }: Lms, { programUuid, username }: ProgramEnrollment, course: CourseRun): boolean {
  if (username === null) return false;
  return [...state.programs.values()].some(({ uuid }) => {
    if (uuid === programUuid) return false;
    const keys = state.programEnrollmentsByProgram.of(uuid).filter((row) => row.username === username);
    return keys.some(
      ({ studentKey }) =>
        state.programCourseEnrollments.get(`${uuid} ${course.courseKey} ${studentKey}`.toLowerCase())?.status ===
        'active',
    );
  });
}

/** A linked learner's enrollment follows: in mode `masters`, without looking at windows; paid modes are left alone. */
export function enrollLinked(
  lms: Lms,
  { username }: ProgramEnrollment,
  { status }: ProgramCourseEnrollment,
  course: CourseRun,
  now: Date,
): void {
  const user = username === null ? undefined : lms.state.user(username);
  if (user === undefined) return;
  const before = lms.state.enrollment(user.username, course.courseKey);
  if (status === 'active') {
    const mode = before === undefined || CONVERTED_MODES.includes(before.mode) ? 'masters' : before.mode;
    putEnrollment(lms, user, course, { mode, isActive: true }, now);
  } else if (before?.isActive) {
    putEnrollment(lms, user, course, { mode: before.mode, isActive: false }, now);
  }
}
