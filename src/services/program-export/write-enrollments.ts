import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';

export type EnrollmentFormat = 'json' | 'csv';

/** A row of a file of enrollments: names in the order in which they are written. */
export type EnrollmentFileRow = Readonly<Record<string, string | boolean | null>>;

/**
 * Writes rows as CSV with a header (CRLF, `True` and `False`), or as one JSON array. Nothing is held but what is on its way. `out` is
 * ended.
 *
 * @param columns - of the CSV; the JSON has the members of each row
 */
export async function writeEnrollments(
  rows: AsyncIterable<EnrollmentFileRow>,
  out: Writable,
  { format, columns, signal }: { format: EnrollmentFormat; columns: readonly string[]; signal: AbortSignal },
): Promise<void> {
  if (format === 'json') {
    await pipeline(Readable.from(asJson(rows)), out, { signal });
    return;
  }
  const csv = stringify({
    header: true,
    columns: [...columns],
    record_delimiter: 'windows',
    // A text that a spreadsheet would take for a formula is made harmless: keys are other people's input.
    escape_formulas: true,
    cast: { boolean: (value) => (value ? 'True' : 'False') },
  });
  await pipeline(Readable.from(rows), csv, out, { signal });
}

async function* asJson(rows: AsyncIterable<EnrollmentFileRow>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const row of rows) {
    const text = JSON.stringify(row, null, 4).replaceAll('\n', '\n    ');
    yield `${isFirst ? '[' : ','}\n    ${text}`;
    isFirst = false;
  }
  yield isFirst ? '[]' : '\n]';
}
