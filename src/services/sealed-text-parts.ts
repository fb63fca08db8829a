import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Sealer } from '../crypto/sealer.js';

/** Where the parts of one text are kept. */
export interface PartRows {
  insert(number: number, sealed: string): Promise<unknown>;
  /** @throws when there is no such part */
  read(number: number): Promise<string>;
}

/** Characters of one part: a row of some hundred kilobytes when sealed. */
const partLength = 256 * 1024;

/** Where text goes that is kept, part by part, each sealed. Whoever writes waits for the database. */
export class PartWriter extends Writable {
  sizeBytes = 0;
  #number = 0;
  #text = '';
  readonly #decoder = new StringDecoder('utf8');

  constructor(
    private readonly rows: Pick<PartRows, 'insert'>,
    private readonly sealer: Sealer,
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.sizeBytes += chunk.byteLength;
    this.#text += this.#decoder.write(chunk);
    if (this.#text.length < partLength) callback();
    else this.#store().then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#text += this.#decoder.end();
    if (this.#text === '') callback();
    else this.#store().then(() => callback(), callback);
  }

  async #store(): Promise<void> {
    await this.rows.insert(this.#number, await this.sealer.seal(this.#text));
    this.#number += 1;
    this.#text = '';
  }
}

/**
 * Reads the text back, one part at a time.
 *
 * @param sizeBytes - of the whole: it ends with the last part, not with a look for one more
 */
export async function* readParts(
  rows: Pick<PartRows, 'read'>,
  sizeBytes: number,
  sealer: Sealer,
): AsyncGenerator<string> {
  let left = sizeBytes;
  for (let number = 0; left > 0; number += 1) {
    const text = await sealer.open(await rows.read(number));
    left -= Buffer.byteLength(text);
    yield text;
  }
}
