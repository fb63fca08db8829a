import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import { InvalidInputError } from '../../errors.js';
import { readHeader } from './read-header.js';

/** Characters of a first line; a longer one is another kind of file. */
const longestHeader = 100_000;

/**
 * Looks whether a file begins as it should, without reading further.
 *
 * @throws InvalidInputError as {@link readHeader}, or `MALFORMED_CSV`
 */
export async function readHeaderOf(text: AsyncIterable<string>, level: EnrollmentLevel): Promise<void> {
  const parser = parse({
    bom: true,
    to: 1,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: longestHeader,
  });
  const source = Readable.from(text).on('error', (error) => parser.destroy(error));
  try {
    for await (const record of source.pipe(parser) as AsyncIterable<string[]>) {
      readHeader(record, level);
      return;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InvalidInputError('The first line of the file cannot be read as CSV.', { reason: 'MALFORMED_CSV' });
  } finally {
    source.destroy();
  }
  readHeader([], level);
}
