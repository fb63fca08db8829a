import { json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { AnswerNow, ApiError } from '../lms/http/errors.js';
import { BATCH_ROWS, type SentRow } from './write-batches.js';

/** A 400 of the Registrar's own: a list with one text. */
export function badRequest(text: string): AnswerNow {
  return new AnswerNow(json([text], 400));
}

/**
 * The rows of a JSON write, unknown fields and all. The first bad row refuses the request; blanks are not bad.
 *
 * @param mayHaveStaff - whether `course_staff` is looked at: the role is switched off, so it is refused
 */
export async function readRows(call: Call, mayHaveStaff: boolean): Promise<SentRow[]> {
  const body = await call.data();
  if (!Array.isArray(body)) throw badRequest('expected request body type: List');
  if (body.length > BATCH_ROWS) throw new ApiError(413, `Enrollment limit ${BATCH_ROWS}`);
  return body.map((row: unknown) => readRow(row, mayHaveStaff));
}

function readRow(value: unknown, mayHaveStaff: boolean): SentRow {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badRequest('expected items in request to be of type Dict');
  const row: Readonly<Record<string, unknown>> = { ...value };
  for (const name of ['student_key', 'status'])
    if (typeof row[name] !== 'string') throw badRequest(`expected request dicts to have string value for "${name}"`);
  const staff = mayHaveStaff ? (row.course_staff ?? null) : null;
  if (staff !== null && typeof staff !== 'boolean')
    throw badRequest('expected request dicts to have boolean value for "course_staff"');
  if (staff !== null) throw new ApiError(403, '"course_staff" not accepted since role assignment is not enabled');
  return { ...row, student_key: String(row.student_key) };
}
