import { json } from '../../http/answer.js';
import { AnswerNow } from '../../http/errors.js';
import type { Lms } from '../../lms.js';
import type { CourseRun } from '../../rows.js';
import { isCourseKey } from '../course-key.js';

export function codedError(message: string, code: string, status = 404): AnswerNow {
  return new AnswerNow(json({ developer_message: message, error_code: code }, status));
}

/**
 * The course of a grades or program view.
 *
 * @param unknown - the text before the key when there is no such course
 * @throws AnswerNow 404 `invalid_course_key` or `course_does_not_exist`
 */
export function findCourse({ state }: Lms, key: string, unknown: string): CourseRun {
  if (!isCourseKey(key)) throw codedError('The provided course key cannot be parsed.', 'invalid_course_key');
  const course = state.course(key);
  if (course === undefined) throw codedError(`${unknown} ${key}`, 'course_does_not_exist');
  return course;
}
