import { stringify } from 'csv-stringify/sync';
import type { Call } from '../lms/http/call.js';
import { notFound } from '../lms/http/errors.js';

export type FileFormat = 'json' | 'csv';
export type Row = Readonly<Record<string, unknown>>;

/** @throws ApiError 404 for anything but `json` and `csv`, the empty string included */
export function formatOf(call: Call): FileFormat {
  const format = call.argument('fmt') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw notFound();
  return format;
}

/** A result file as Python writes it: indented JSON, or CSV with CRLF and `True`, `False`. */
export function resultFile(format: FileFormat, columns: readonly string[], rows: readonly Row[]): string {
  if (format === 'json') return JSON.stringify(rows, null, 4);
  return stringify([...rows], {
    header: true,
    columns: [...columns],
    record_delimiter: 'windows',
    cast: { boolean: (value) => (value ? 'True' : 'False') },
  });
}
