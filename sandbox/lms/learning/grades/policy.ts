import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { isCourseStaff } from '../access.js';
import { isCourseKey } from '../course-key.js';
import { GRADING_POLICY } from '../courses/outline.js';
import { GRADES_VIEW } from './course-grades.js';
import { codedError } from './course-lookup.js';

/** `policy/courses/{key}/`: how a course weighs its assignments; for its staff. */
export function gradingPolicyViews(lms: Lms): View[] {
  return [
    apiView('/api/grades/v1/policy/courses/{course_key}/', {
      ...GRADES_VIEW,
      profile: 'P1',
      methods: { GET: (call) => readPolicy(lms, call) },
    }),
  ];
}

function readPolicy(lms: Lms, call: Call): Answer {
  const key = call.param('course_key');
  if (!isCourseKey(key)) throw codedError('The provided course key cannot be parsed.', 'invalid_course_key', 400);
  const course = lms.state.course(key);
  const isAllowed = course !== undefined && isCourseStaff(lms, call.user, key);
  // The refusal says that the course does not exist, either way.
  if (!isAllowed) throw codedError('The course does not exist.', 'user_or_course_does_not_exist', course ? 403 : 404);
  return json(
    GRADING_POLICY.map(({ type, count, dropped, weight }) => ({ assignment_type: type, count, dropped, weight })),
  );
}
