import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { requireStaff } from '../access.js';
import { activeEnrollments, GRADES_VIEW, gradesPageSize } from './course-grades.js';
import { findCourse } from './course-lookup.js';

/** `submission_history/{key}/`: attempts per problem. Nobody in the sandbox answers problems, so the lists are empty. */
export function submissionHistoryViews(lms: Lms): View[] {
  return [
    apiView('/api/grades/v1/submission_history/{course_key}/', {
      ...GRADES_VIEW,
      profile: 'P3',
      permission: requireStaff,
      throttle: 'enrollment',
      isHidden: () => lms.state.settings.oldRelease,
      methods: { GET: (call) => readHistory(lms, call) },
    }),
  ];
}

function readHistory(lms: Lms, call: Call): Answer {
  const course = findCourse(lms, call.param('course_key'), 'Requested grade for unknown course');
  const username = call.argument('username')?.toLowerCase();
  const rows = activeEnrollments(lms.state, course.courseKey).filter(
    (row) => username === undefined || row.username.toLowerCase() === username,
  );
  const page = cursorPage(call, rows, gradesPageSize(call), byId());
  return json({
    ...page,
    results: page.results.map((row) => ({
      course_id: course.courseKey,
      course_name: course.displayName,
      user: row.username,
      problems: [],
    })),
  });
}
