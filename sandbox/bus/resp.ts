/** What a command is answered with, in the protocol of Redis (RESP3). A text that is an error's goes as one. */
export type Reply = string | number | Buffer | null | Error | readonly Reply[] | ReadonlyMap<string, Reply>;

/** Writes a reply. Its texts are bulk strings, which every client takes for any text. */
export function writeReply(reply: Reply): Buffer {
  if (reply === null) return Buffer.from('_\r\n');
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`);
  if (reply instanceof Error) return Buffer.from(`-${reply.message}\r\n`);
  if (typeof reply === 'string') return writeReply(Buffer.from(reply));
  if (Buffer.isBuffer(reply)) return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')]);
  if (reply instanceof Map) {
    const pairs = [...reply].flatMap(([name, value]) => [writeReply(name), writeReply(value)]);
    return Buffer.concat([Buffer.from(`%${reply.size}\r\n`), ...pairs]);
  }
  const items = [...(reply as readonly Reply[])];
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map(writeReply)]);
}

/** Takes commands out of the bytes of a connection: arrays of bulk strings, whichever way they are cut. */
export class CommandReader {
  #left = Buffer.alloc(0);

  /** @returns the commands that are complete now */
  push(chunk: Buffer): Buffer[][] {
    this.#left = Buffer.concat([this.#left, chunk]);
    const commands: Buffer[][] = [];
    for (let command = this.#take(); command; command = this.#take()) commands.push(command);
    return commands;
  }

  #take(): Buffer[] | undefined {
    let at = 0;
    const line = (mark: string): number | undefined => {
      const end = this.#left.indexOf('\r\n', at);
      if (end === -1) return undefined;
      const text = this.#left.toString('latin1', at, end);
      if (!text.startsWith(mark)) throw new Error(`expected ${mark}, got ${text}`);
      at = end + 2;
      return Number(text.slice(1));
    };
    const count = line('*');
    if (count === undefined) return undefined;
    const words: Buffer[] = [];
    while (words.length < count) {
      const length = line('$');
      if (length === undefined || this.#left.length < at + length + 2) return undefined;
      words.push(this.#left.subarray(at, at + length));
      at += length + 2;
    }
    this.#left = this.#left.subarray(at);
    return words;
  }
}
