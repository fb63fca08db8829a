import { badRequest, tooLarge } from './refusal.js';

/** One row of a written request, as the caller sent it. */
export interface EnrollmentRow {
  studentKey: string;
  status: string;
  courseStaff?: boolean | null;
}

/** Most rows of one request. */
export const mostRows = 25;

/**
 * Reads the body of a write: a list of at most 25 objects with `student_key` and `status`. What else they carry is not passed on.
 *
 * @param hasCourseStaff - whether rows may carry `course_staff`
 * @throws Refusal 413 for too many rows, 400 for what is not such a list: the first fault decides
 */
export function readEnrollmentRows(body: unknown, hasCourseStaff: boolean): EnrollmentRow[] {
  if (!Array.isArray(body)) throw badRequest('expected request body type: List');
  if (body.length > mostRows) throw tooLarge(`Enrollment limit ${mostRows}`);
  return body.map((item) => readRow(item, hasCourseStaff));
}

function readRow(item: unknown, hasCourseStaff: boolean): EnrollmentRow {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw badRequest('expected items in request to be of type Dict');
  const row: Record<string, unknown> = { ...item };
  const text = (name: 'student_key' | 'status') => {
    const value = row[name];
    if (typeof value !== 'string') throw badRequest(`expected request dicts to have string value for "${name}"`);
    // NUL, and halves of a pair of surrogates: no database keeps them as text.
    if (value.includes('\0') || !value.isWellFormed())
      throw badRequest(`expected request dicts to have text without NUL and lone surrogates for "${name}"`);
    return value;
  };
  const read = { studentKey: text('student_key'), status: text('status') };
  const courseStaff = row.course_staff;
  if (!hasCourseStaff || courseStaff === undefined) return read;
  if (courseStaff !== null && typeof courseStaff !== 'boolean')
    throw badRequest('expected request dicts to have boolean value for "course_staff"');
  return { ...read, courseStaff };
}
