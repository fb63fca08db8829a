import { parse } from 'csv-parse/sync';
import { json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { AnswerNow, ApiError } from '../lms/http/errors.js';
import { LmsCrash } from '../lms/http/view.js';
import { badRequest } from './read-rows.js';

const MOST_BYTES = 5 * 1024 * 1024;

/** Where Python ends a line; inside quotes as well, so that a quoted line break is lost. */
const LINE_ENDS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

/** One row, its columns by their trimmed lower-case names. */
export type UploadedRow = Readonly<Record<string, string>>;

/**
 * The rows of an uploaded file, in its order; columns that nobody asked for are left out.
 *
 * @param isBusy - whether another write job of the program runs; asked once there is a file of a fitting size
 * @throws AnswerNow or ApiError 400, 409, 413, 415; LmsCrash where the Registrar itself crashes
 */
export async function readUpload(
  call: Call,
  columns: readonly string[],
  isBusy: () => boolean,
): Promise<UploadedRow[]> {
  const content = await readFile(call);
  if (content.length > MOST_BYTES) throw new ApiError(413, `Upload too large. Must be under ${MOST_BYTES} bytes`);
  if (isBusy()) throw new AnswerNow(json('Job already in progress for program', 409));
  return readCsv(decode(content), columns);
}

async function readFile(call: Call): Promise<Buffer> {
  const noFile = new ApiError(400, 'No file content uploaded');
  const contentType = call.header('content-type');
  if (call.body.length === 0) throw noFile;
  if (contentType.split(';')[0]?.trim().toLowerCase() !== 'multipart/form-data')
    throw new ApiError(415, `Unsupported media type "${contentType}" in request.`);
  if (!/;\s*boundary=/i.test(contentType))
    throw new ApiError(400, 'Multipart form parse error - Invalid boundary in multipart: None');
  const form = await new Response(new Uint8Array(call.body), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => new FormData());
  const file = form.get('file');
  if (file === null) throw noFile;
  if (typeof file === 'string') throw new LmsCrash('A text field is no file.');
  return Buffer.from(await file.arrayBuffer());
}

/** A byte order mark stays, and becomes part of the first column's name. @throws LmsCrash for other than UTF-8 */
function decode(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new LmsCrash('The file is not UTF-8.');
  }
}

function readCsv(text: string, columns: readonly string[]): UploadedRow[] {
  const lines = text.split(LINE_ENDS).filter((line) => line !== '');
  const [header, ...records] = lines.flatMap((line) =>
    parse(line, { relax_quotes: true, relax_column_count: true, bom: false }),
  ) as string[][];
  if (header === undefined) throw new LmsCrash('The file is empty.');
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0) throw badRequest(`CSV is missing headers [${missing.join(', ')}]`);
  return records.map((cells, at) => {
    const isWhole = cells.length === names.length && columns.every((name) => cells[names.indexOf(name)]);
    if (!isWhole)
      throw badRequest(`CSV is missing data at row #${at + 1}. Required fields are [${columns.join(', ')}].`);
    return Object.fromEntries(columns.map((name) => [name, cells[names.indexOf(name)]?.trim() ?? '']));
  });
}
