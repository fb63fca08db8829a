import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow } from '../../http/errors.js';

/** Rows of one write. */
const MOST_ROWS = 25;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

export type Row = Readonly<Record<string, unknown>>;

/** Nothing, and yet a media type. */
const NO_CONTENT: Answer = { status: 204, body: '', contentType: 'application/json', headers: [] };

/**
 * Reads the rows of a write. All of them are checked before any is written.
 *
 * @param required - fields of each row
 * @throws AnswerNow 204 for no rows, 400 for bad ones, 413 for too many
 */
export async function readRows(call: Call, required: readonly string[]): Promise<Row[]> {
  const body: unknown = await call.data();
  const refuse = (message: unknown): AnswerNow => new AnswerNow(json({ developer_message: message }, 400));
  if (!Array.isArray(body))
    throw refuse({ non_field_errors: [`Expected a list of items but got type "${pythonType(body)}".`] });
  if (body.length === 0) throw new AnswerNow(NO_CONTENT);
  const rows = body.map((row: unknown): Row => (row !== null && typeof row === 'object' ? { ...row } : {}));
  const errors = rows.map((row) => errorsOf(row, required));
  if (errors.some((error) => Object.keys(error).length > 0)) throw refuse(errors);
  // The LMS puts the two numbers the wrong way round.
  if (rows.length > MOST_ROWS)
    throw new AnswerNow(json(`${MOST_ROWS} enrollments requested, but limit is ${rows.length}.`, 413));
  return rows;
}

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'object') return 'dict';
  return typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : 'int';
}

function errorsOf(row: Row, required: readonly string[]): Record<string, string[]> {
  const errors = required.filter((name) => row[name] === undefined).map((name) => [name, ['This field is required.']]);
  const { curriculum_uuid: uuid } = row;
  const isBadUuid = required.includes('curriculum_uuid') && uuid !== undefined && !UUID.test(String(uuid));
  return Object.fromEntries([...errors, ...(isBadUuid ? [['curriculum_uuid', ['Must be a valid UUID.']]] : [])]);
}

/** What became of each key. A key that is listed twice is not written at all. */
export function writeRows(rows: readonly Row[], write: (studentKey: string, row: Row) => string): Answer {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = String(row.student_key).toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const outcomes = rows.map((row) => {
    const key = String(row.student_key);
    const isDuplicated = (counts.get(key.toLowerCase()) ?? 0) > 1;
    return { key, status: String(row.status), outcome: isDuplicated ? 'duplicated' : write(key, row) };
  });
  const good = outcomes.filter(({ status, outcome }) => status === outcome).length;
  const status = good === outcomes.length ? 200 : good > 0 ? 207 : 422;
  return json(Object.fromEntries(outcomes.map(({ key, outcome }) => [key, outcome])), status);
}
