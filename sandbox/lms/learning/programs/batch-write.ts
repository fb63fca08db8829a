import { type Answer, json, jsonObject } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow } from '../../http/errors.js';
import { type Field, flagField, textField, uuidField } from './row-fields.js';

/** Rows of one write. */
const MOST_ROWS = 25;

/** One row of a write, as the LMS's serializer leaves it. */
export interface WriteRow {
  readonly studentKey: string;
  readonly status: string;
  /** Only where the write asks for it. */
  readonly curriculumUuid: string;
  readonly courseStaff: boolean | undefined;
}

export interface WriteFields {
  readonly hasCurriculum?: boolean;
  readonly hasCourseStaff?: boolean;
}

/** Nothing, and yet a media type. */
const NO_CONTENT: Answer = { status: 204, body: '', contentType: 'application/json', headers: [] };

/**
 * Reads the rows of a write. All of them are checked before any is written: one bad row refuses all.
 *
 * @throws AnswerNow 204 for no rows, 400 for bad ones, 413 for too many
 */
export async function readRows(call: Call, fields: WriteFields): Promise<WriteRow[]> {
  const body: unknown = await call.data();
  const refuse = (message: unknown): AnswerNow => new AnswerNow(json({ developer_message: message }, 400));
  if (!Array.isArray(body))
    throw refuse({ non_field_errors: [`Expected a list of items but got type "${pythonType(body)}".`] });
  if (body.length === 0) throw new AnswerNow(NO_CONTENT);
  const rows = body.map((row: unknown) => readRow(row, fields));
  if (rows.some(({ errors }) => Object.keys(errors).length > 0)) throw refuse(rows.map(({ errors }) => errors));
  // The LMS puts the two numbers the wrong way round.
  if (rows.length > MOST_ROWS)
    throw new AnswerNow(json(`${MOST_ROWS} enrollments requested, but limit is ${rows.length}.`, 413));
  return rows.map(({ row }) => row);
}

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'dict';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : 'bool';
}

function readRow(
  value: unknown,
  { hasCurriculum, hasCourseStaff }: WriteFields,
): { row: WriteRow; errors: Record<string, string[]> } {
  const errors: Record<string, string[]> = {};
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
  const given: Readonly<Record<string, unknown>> = isObject ? { ...value } : {};
  const read = <T>(name: string, field: Field<T>, otherwise: T): T => {
    if ('value' in field) return field.value;
    if (isObject) errors[name] = [field.error];
    return otherwise;
  };
  if (!isObject) errors.non_field_errors = [`Invalid data. Expected a dictionary, but got ${pythonType(value)}.`];
  const row: WriteRow = {
    studentKey: read('student_key', textField(given.student_key), ''),
    status: read('status', textField(given.status), ''),
    curriculumUuid: hasCurriculum ? read('curriculum_uuid', uuidField(given.curriculum_uuid), '') : '',
    courseStaff: hasCourseStaff ? read('course_staff', flagField(given.course_staff), undefined) : undefined,
  };
  return { row, errors };
}

/** What became of a row: a stored status, or a word for why not; under the key that the LMS answers with. */
export interface RowOutcome {
  readonly key: string;
  readonly outcome: string;
}

/**
 * Writes rows one by one and answers a word for each key. A key that comes twice, in any letter case, is not written
 * at all; the answer names it only by the spellings after the first.
 *
 * @param good - the words of rows that were written
 */
export function writeRows(
  rows: readonly WriteRow[],
  good: readonly string[],
  write: (row: WriteRow) => RowOutcome,
): Answer {
  const first = new Map<string, WriteRow>();
  const repeated = new Map<string, string>();
  for (const row of rows) {
    const key = row.studentKey.toLowerCase();
    if (first.has(key)) repeated.set(row.studentKey, key);
    else first.set(key, row);
  }
  for (const key of repeated.values()) first.delete(key);
  const outcomes = new Map<string, string>();
  for (const row of first.values()) {
    const { key, outcome } = write(row);
    outcomes.set(key, outcome);
  }
  for (const key of repeated.keys()) outcomes.set(key, 'duplicated');
  return jsonObject(outcomes, statusOf([...outcomes.values()], good));
}

function statusOf(outcomes: readonly string[], good: readonly string[]): number {
  const written = outcomes.filter((outcome) => good.includes(outcome)).length;
  return written === outcomes.length ? 200 : written > 0 ? 207 : 422;
}
