import { Transform } from 'node:stream';
import { InvalidInputError } from '../../errors.js';

/** How files begin that are often sent instead of text, and what they are. */
const signatures: readonly { bytes: readonly number[]; what: string }[] = [
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a ZIP archive or an Excel workbook' },
  { bytes: [0x50, 0x4b, 0x05, 0x06], what: 'an empty ZIP archive' },
  { bytes: [0x1f, 0x8b], what: 'compressed with gzip' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel workbook' },
];
const utf16Marks: readonly (readonly number[])[] = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/**
 * Lets through what is UTF-8 text, without its byte order mark, and stops at the first byte that is not.
 *
 * @throws InvalidInputError `EMPTY_FILE`, `NOT_CSV` or `WRONG_ENCODING`, as the error of the stream
 */
export class TextDecoding extends Transform {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #head = Buffer.alloc(0);
  #isBegun = false;
  #lines = 1;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null, text?: string) => void,
  ) {
    try {
      callback(null, this.#take(chunk));
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(callback: (error?: Error | null, text?: string) => void): void {
    try {
      const rest = this.#isBegun ? '' : this.#begin(this.#head);
      if (!this.#isBegun && this.#head.length === 0)
        throw new InvalidInputError('The file is empty. Send one whose first line names its columns.', {
          reason: 'EMPTY_FILE',
        });
      callback(null, rest + this.#decode());
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The first bytes are kept back until there are enough of them to tell what they are. */
  #take(chunk: Buffer): string {
    if (this.#isBegun) return this.#decode(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length < 4) return '';
    this.#isBegun = true;
    return this.#begin(this.#head);
  }

  #begin(head: Buffer): string {
    const known = signatures.find(({ bytes }) => beginsWith(head, bytes));
    if (known)
      throw new InvalidInputError(`The file is ${known.what}. Save the table as CSV (UTF-8) and send that.`, {
        reason: 'NOT_CSV',
      });
    if (utf16Marks.some((bytes) => beginsWith(head, bytes)))
      throw wrongEncoding('The file is UTF-16, which some spreadsheets call Unicode text.');
    return this.#decode(head);
  }

  #decode(chunk?: Buffer): string {
    let text: string;
    try {
      text = chunk ? this.#decoder.decode(chunk, { stream: true }) : this.#decoder.decode();
    } catch {
      const upTo = chunk ? new TextDecoder().decode(chunk).split('\uFFFD')[0] : '';
      throw wrongEncoding(`Line ${this.#lines + countLines(upTo ?? '')} of the file has bytes that are not UTF-8.`);
    }
    if (text.includes('\0')) throw wrongEncoding('The file has zero bytes, as UTF-16 and binary files do.');
    this.#lines += countLines(text);
    return text;
  }
}

function wrongEncoding(what: string): InvalidInputError {
  return new InvalidInputError(`${what} Save it as CSV (UTF-8) and send that.`, { reason: 'WRONG_ENCODING' });
}

function beginsWith(head: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
