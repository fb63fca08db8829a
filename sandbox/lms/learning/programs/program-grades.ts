import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { PAGE_SIZE } from './program-enrollments.js';
import { courseRows, findProgramCourse, PROGRAMS_API, programEnrollment, STAFF_VIEW } from './programs.js';

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
  const linked = courseRows(lms, program.uuid, course.courseKey).flatMap(({ id, studentKey }) => {
    const username = programEnrollment(lms, program.uuid, studentKey)?.username ?? null;
    return username === null ? [] : [{ id, studentKey, username }];
  });
  if (linked.length === 0) return { status: 204, body: '', contentType: 'application/json', headers: [] };
  const page = cursorPage(call, linked, pageSizeArgument(call, PAGE_SIZE) || PAGE_SIZE, byId());
  return json({
    ...page,
    results: page.results.map(({ studentKey, username }) => {
      const grade = lms.state.grade(username, course.courseKey);
      return {
        student_key: studentKey,
        passed: grade?.passed ?? false,
        percent: grade?.percent ?? 0,
        letter_grade: grade?.letterGrade ?? null,
      };
    }),
  });
}
