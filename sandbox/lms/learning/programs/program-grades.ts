import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { findProgramCourse, PAGE_SIZE, PROGRAMS_API, STAFF_VIEW } from './programs.js';

/** `programs/{uuid}/courses/{key}/grades/`: grades of the learners whose keys are linked to accounts. */
export function programGradeViews(lms: Lms): View[] {
  return [
    apiView(`${PROGRAMS_API}/programs/{uuid}/courses/{course_key}/grades/`, {
      ...STAFF_VIEW,
      methods: { GET: (call) => list(lms, call) },
    }),
  ];
}

function list(lms: Lms, call: Call): Answer {
  const { program, course } = findProgramCourse(lms, call);
  const { programs } = lms.state;
  const linked = programs.byCourse.of(`${program.uuid} ${course.courseKey}`).flatMap((row) => {
    const { studentKey = null, username = null } = programs.parentOf(row) ?? {};
    return username === null ? [] : [{ id: row.id, studentKey, username }];
  });
  if (linked.length === 0) return { status: 204, body: '', contentType: 'application/json', headers: [] };
  const page = cursorPage(call, linked, pageSizeArgument(call, PAGE_SIZE) || PAGE_SIZE, byId());
  const results = page.results.map(({ studentKey, username }) =>
    gradeView(lms, studentKey, username, course.courseKey),
  );
  const good = results.filter((row) => !('error' in row)).length;
  return json({ ...page, results }, good === results.length ? 200 : good > 0 ? 207 : 422);
}

function gradeView({ state }: Lms, studentKey: string | null, username: string, courseKey: string) {
  const grade = state.grade(username, courseKey);
  if (grade?.error !== undefined) return { student_key: studentKey, error: grade.error };
  return {
    student_key: studentKey,
    passed: grade?.passed ?? false,
    percent: grade?.percent ?? 0,
    letter_grade: grade?.letterGrade ?? null,
  };
}
