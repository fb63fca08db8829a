import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import {
  type EnrollmentLevel,
  foldKey,
  judgeKey,
  judgeStatus,
  type RowRefusal,
} from '../../datasources/program/judge-row.js';
import { InvalidInputError } from '../../errors.js';
import type { PlannedRow } from '../operation/rows.js';
import { readCourseStaff } from './course-staff.js';
import { readHeader, requiredColumns } from './read-header.js';
import type { EnrollmentRowInput } from './row-input.js';

/** Characters of a row; a longer one is another kind of file. */
const longestRow = 100_000;
const pageSize = 1_000;
/** Rows of a file. */
const mostRows = 1_000_000;

interface Record {
  cells: string[];
  line: number;
}

/**
 * Reads the rows of a CSV file as it comes, a page at a time. Row 1 is the first one below the header; blank lines do not count. A
 * row that cannot be right says so in its input, so that it is told with the others.
 *
 * @param text - without byte order mark
 * @param findRun - a course run of the program by its own key or the partner's; for files of course enrollments
 * @throws InvalidInputError when it is no CSV file (`MALFORMED_CSV`), lacks columns (`MISSING_COLUMNS`), or is too long (`TOO_MANY_ROWS`)
 */
export async function* readEnrollmentRows(
  text: AsyncIterable<string> | Iterable<string>,
  level: EnrollmentLevel,
  findRun: (key: string) => string | undefined = () => undefined,
): AsyncGenerator<PlannedRow[]> {
  let columns: ReturnType<typeof readHeader> | undefined;
  let number = 0;
  let page: PlannedRow[] = [];
  for await (const { cells } of parseRecords(text)) {
    if (!columns) {
      columns = readHeader(cells, level);
      continue;
    }
    number += 1;
    if (number > mostRows)
      throw new InvalidInputError(`The file has more than ${mostRows} rows. Send it in parts.`, {
        reason: 'TOO_MANY_ROWS',
      });
    page.push(readRow(cells, { number, columns, level, findRun }));
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (!columns) readHeader([], level);
  if (page.length > 0) yield page;
}

/**
 * Looks for the first row that is too short or too long, or has nothing where something must stand.
 *
 * @returns its number, from 1, and the columns that must be filled
 * @throws InvalidInputError as {@link readEnrollmentRows}
 */
export async function findIncompleteRow(
  text: AsyncIterable<string>,
  level: EnrollmentLevel,
): Promise<{ number: number; required: readonly string[] } | undefined> {
  const required = requiredColumns[level];
  let columns: ReturnType<typeof readHeader> | undefined;
  let number = 0;
  for await (const { cells } of parseRecords(text)) {
    if (!columns) {
      columns = readHeader(cells, level);
      continue;
    }
    number += 1;
    const { at, count } = columns;
    if (cells.length !== count || required.some((name) => cells[at[name] ?? -1] === '')) return { number, required };
  }
  if (!columns) readHeader([], level);
  return undefined;
}

async function* parseRecords(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Record> {
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: false,
    max_record_size: longestRow,
  });
  const source = Readable.from(text, { objectMode: true }).on('error', (error) => parser.destroy(error));
  let line = 0;
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      line = info.lines;
      const cells = record.map((cell) => cell.trim());
      // A line of spaces is as blank as an empty one.
      if (cells.length > 1 || cells[0] !== '') yield { cells, line };
    }
  } catch (error) {
    if (error instanceof CsvError) throw malformed(error, line);
    throw error;
  } finally {
    source.destroy();
  }
}

function malformed({ code }: CsvError, lastLine: number): InvalidInputError {
  const where = `The row after line ${lastLine} of the file`;
  const what =
    code === 'CSV_MAX_RECORD_SIZE'
      ? `${where} is longer than ${longestRow} characters: is a quotation mark left open?`
      : `${where} cannot be read: are its quotation marks in pairs, and those within a cell doubled?`;
  return new InvalidInputError(what, { reason: 'MALFORMED_CSV' });
}

function readRow(
  cells: readonly string[],
  {
    number,
    columns,
    level,
    findRun,
  }: {
    number: number;
    columns: ReturnType<typeof readHeader>;
    level: EnrollmentLevel;
    findRun: (key: string) => string | undefined;
  },
): PlannedRow {
  const cell = (name: keyof typeof columns.at) => cells[columns.at[name] ?? -1] ?? '';
  const key = cell('student_key');
  const status = cell('status');
  const course = level === 'course' ? readCourse(cell('course_id'), findRun) : undefined;
  const staff = columns.at.course_staff === undefined ? undefined : readCourseStaff(cell('course_staff'));
  const refusal =
    judgeLength(cells, columns.count) ??
    judgeKey(key) ??
    course?.refusal ??
    judgeStatus(status, level) ??
    staff?.refusal;
  const input: EnrollmentRowInput = {
    fold: foldKey(key),
    status,
    ...(course && { courseId: course.courseId }),
    ...(course?.courseKey !== undefined && { courseKey: course.courseKey }),
    ...(staff?.value !== undefined && { courseStaff: staff.value }),
    ...(refusal && { refusal }),
  };
  return { number, key, input: { ...input } };
}

function judgeLength(cells: readonly string[], count: number): RowRefusal | undefined {
  if (cells.length === count) return undefined;
  const what = cells.length < count ? 'fewer' : 'more';
  return {
    outcome: 'INVALID',
    reason: `The row has ${what} cells (${cells.length}) than the header (${count}). A comma within a cell needs quotation marks around the cell.`,
  };
}

function readCourse(courseId: string, findRun: (key: string) => string | undefined) {
  const courseKey = courseId === '' ? undefined : findRun(courseId);
  if (courseKey !== undefined) return { courseId, courseKey, refusal: undefined };
  const reason =
    courseId === ''
      ? 'The course is blank. Name a course run of the program, by its key or by your own.'
      : `“${courseId.slice(0, 80)}” is no course run of the program, neither by its key nor by your own.`;
  const refusal: RowRefusal = { outcome: courseId === '' ? 'INVALID' : 'COURSE_NOT_FOUND', reason };
  return { courseId, courseKey: undefined, refusal };
}
