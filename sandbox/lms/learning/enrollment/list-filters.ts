import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow } from '../../http/errors.js';
import { isCourseKey } from '../course-key.js';

/** Names, keys and addresses of one request. */
const MOST_VALUES = 100;
const USERNAME = /^[-a-zA-Z0-9_]+$/;
const USERNAME_RULE =
  'Usernames can only contain letters (A-Z, a-z), numerals (0-9), underscores (_), and hyphens (-).';

/** What a list is narrowed to; null is not narrowed. */
export interface EnrollmentFilters {
  readonly courseKey: string | null;
  /** Parts of course keys, lower-cased. */
  readonly courseKeyParts: readonly string[] | null;
  readonly usernames: readonly string[] | null;
  readonly emails: readonly string[] | null;
}

/**
 * Reads the filters of the list endpoint. One bad value fails the request, and every bad field is named.
 *
 * @param isOldRelease - releases that know neither `course_ids` nor `email` ignore them
 * @throws AnswerNow 400 with `field_errors`
 */
export function readFilters(call: Call, isOldRelease: boolean): EnrollmentFilters {
  const errors: Record<string, string> = {};
  const courseKey = call.argument('course_id')?.trim() || null;
  if (courseKey !== null && !isCourseKey(courseKey)) errors.course_id = `'${courseKey}' is not a valid course id.`;
  const list = (field: string, what: string): string[] | null => {
    // Django strips the whole value, not its elements; an empty one is no filter.
    const values = call.argument(field)?.trim();
    if (!values) return null;
    const elements = values.split(',');
    if (elements.length > MOST_VALUES)
      errors[field] =
        `Too many ${what} in a single request - ${elements.length}. A maximum of ${MOST_VALUES} is allowed`;
    return elements;
  };
  const courseKeyParts = isOldRelease ? null : list('course_ids', 'course_ids');
  const usernames = list('username', 'usernames');
  if (errors.username === undefined && usernames?.some((name) => !USERNAME.test(name))) errors.username = USERNAME_RULE;
  const emails = isOldRelease ? null : list('email', 'emails');
  if (Object.keys(errors).length > 0) throw new AnswerNow(fieldErrors(errors));
  return {
    courseKey,
    courseKeyParts: courseKeyParts?.map((part) => part.toLowerCase()) ?? null,
    usernames,
    emails,
  };
}

/** A failed form, in the words of the developer mixin. */
export function fieldErrors(errors: Readonly<Record<string, string>>): Answer {
  const fields = Object.entries(errors).map(([field, message]) => [field, { developer_message: message }]);
  return json({ field_errors: Object.fromEntries(fields) }, 400);
}
