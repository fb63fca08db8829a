import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import { InvalidInputError } from '../../errors.js';

export type EnrollmentColumn = 'student_key' | 'course_id' | 'status' | 'course_staff';

/** Where the columns are that are read. */
export interface EnrollmentColumns {
  at: Partial<Record<EnrollmentColumn, number>>;
  /** Of all columns, those that are not read among them. */
  count: number;
}

/** Columns without which a file is none of its kind, and whose cells are filled. */
export const requiredColumns: Readonly<Record<EnrollmentLevel, readonly EnrollmentColumn[]>> = {
  program: ['student_key', 'status'],
  course: ['student_key', 'course_id', 'status'],
};

/** A file whose first line does not name the columns that are needed. */
export class MissingColumnsError extends InvalidInputError {
  constructor(
    readonly missing: readonly string[],
    message: string,
  ) {
    super(message, { reason: 'MISSING_COLUMNS' });
  }
}

/**
 * Finds the columns that are read by the file's first line: names in any case, in any order, among others.
 *
 * @throws {@link MissingColumnsError}; InvalidInputError `AMBIGUOUS_COLUMNS`
 */
export function readHeader(cells: readonly string[], level: EnrollmentLevel): EnrollmentColumns {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const wanted: readonly EnrollmentColumn[] =
    level === 'course' ? [...requiredColumns.course, 'course_staff'] : requiredColumns.program;
  const twice = wanted.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice)
    throw new InvalidInputError(`The first line names the column ${twice} twice. Keep one of them.`, {
      reason: 'AMBIGUOUS_COLUMNS',
    });
  const missing = requiredColumns[level].filter((name) => !names.includes(name));
  if (missing.length > 0) throw new MissingColumnsError(missing, describeMissing(missing, names, level));
  const at = Object.fromEntries(
    wanted.filter((name) => names.includes(name)).map((name) => [name, names.indexOf(name)]),
  );
  return { at, count: names.length };
}

function describeMissing(missing: readonly string[], names: readonly string[], level: EnrollmentLevel): string {
  const separator = [';', '\t', '|'].find((mark) => names.length === 1 && names[0]?.includes(mark));
  if (separator !== undefined)
    return `The columns of the file are separated by “${separator === '\t' ? 'tab' : separator}”. Save it as CSV with commas.`;
  return `The first line of the file must name the columns ${requiredColumns[level].join(', ')}; it lacks ${missing.join(', ')}.`;
}
