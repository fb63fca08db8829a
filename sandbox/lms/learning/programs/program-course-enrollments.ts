import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { readRows, writeRows } from './batch-write.js';
import type { WriteRights } from './program-enrollments.js';
import { findProgramCourse, PAGE_SIZE, PROGRAMS_API, STAFF_VIEW } from './programs.js';
import { COURSE_STATUSES, writeCourseRow } from './write-course-row.js';

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
  const { programs } = lms.state;
  const rows = programs.byCourse.of(`${program.uuid} ${course.courseKey}`);
  const page = cursorPage(call, rows, pageSizeArgument(call, PAGE_SIZE) || PAGE_SIZE, byId());
  return json({
    ...page,
    results: page.results.map((row) => {
      const inProgram = programs.parentOf(row);
      return {
        student_key: inProgram?.studentKey ?? null,
        status: row.status,
        account_exists: inProgram?.username != null,
        curriculum_uuid: inProgram?.curriculumUuid ?? null,
        course_staff: row.isCourseStaff,
      };
    }),
  });
}

async function write(lms: Lms, call: Call, rights: WriteRights): Promise<Answer> {
  const { program, course } = findProgramCourse(lms, call);
  const rows = await readRows(call, { hasCourseStaff: true });
  return lms.state.atomically(() =>
    writeRows(rows, COURSE_STATUSES, (row) => writeCourseRow(lms, { program, course, rights, row, now: call.now })),
  );
}
