import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { ExportedGrade } from './export-grades.js';

export type GradeFormat = 'csv' | 'jsonl';

const columns = [
  'course_key',
  'username',
  'lms_username',
  'lms_user_id',
  'remote_id',
  'email',
  'name',
  'mode',
  'percent',
  'letter_grade',
  'passed',
  'certificate',
  'as_of',
] as const;

/**
 * Writes grades as CSV with a header, or as one JSON object a line, both with the same names. Nothing is held but what is on its way:
 * rows are read as fast as `out` takes them. `out` is ended.
 *
 * @param onRow - told after each row
 */
export async function writeGrades(
  grades: AsyncIterable<ExportedGrade>,
  out: Writable,
  { format, onRow = () => {}, signal }: { format: GradeFormat; onRow?: () => void; signal?: AbortSignal },
): Promise<void> {
  const rows = async function* () {
    for await (const grade of grades) {
      yield toRow(grade);
      onRow();
    }
  };
  const lines = async function* () {
    for await (const row of rows()) yield `${JSON.stringify(row)}\n`;
  };
  // A text that a spreadsheet would take for a formula is made harmless: names are other people's input.
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true, cast: { boolean: String } });
  if (format === 'csv') await pipeline(Readable.from(rows()), csv, out, { ...(signal && { signal }) });
  else await pipeline(Readable.from(lines()), out, { ...(signal && { signal }) });
}

function toRow(grade: ExportedGrade): Record<(typeof columns)[number], string | number | boolean | null> {
  return {
    course_key: grade.courseKey,
    username: grade.username,
    lms_username: grade.lmsUsername,
    lms_user_id: grade.lmsUserId,
    remote_id: grade.remoteId,
    email: grade.email,
    name: grade.name,
    mode: grade.mode,
    percent: grade.percent,
    letter_grade: grade.letterGrade,
    passed: grade.passed,
    certificate: grade.hasCertificate,
    as_of: grade.asOf.toISOString(),
  };
}
