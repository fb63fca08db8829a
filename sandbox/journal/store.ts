import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Operation, Table } from './table.js';

/** A journal is rewritten as a snapshot when it has grown to this many bytes more than its last snapshot. */
const COMPACT_AFTER_BYTES = 64 * 1024 * 1024;

/**
 * Tables with one journal under them. Each change is appended with a synchronous write before the call that made it
 * returns, so a killed process loses nothing that it answered for. One line is one transaction: a line that was cut off
 * by a kill is dropped as a whole. Without a directory the tables live in memory only.
 */
export class Store implements Disposable {
  readonly #tables = new Map<string, Table<unknown>>();
  readonly #path: string | undefined;
  #file: number | undefined;
  #bytesSinceSnapshot = 0;
  #isCompactionDue = false;
  #transaction: { operations: Operation[]; undo: (() => void)[] } | undefined;

  constructor(directory?: string) {
    if (directory !== undefined) {
      mkdirSync(directory, { recursive: true });
      this.#path = join(directory, 'journal.ndjson');
    }
  }

  /** Declares a table. All tables are declared before {@link open}. */
  table<T>(name: string): Table<T> {
    const table = new Table<T>(name, (operation, undo) => this.#record(operation, undo));
    this.#tables.set(name, table as Table<unknown>);
    return table;
  }

  /** Reads the journal into the declared tables and makes it writable. @returns whether there was anything to read */
  open(): boolean {
    if (this.#path === undefined) return false;
    const existed = existsSync(this.#path);
    if (existed) this.#replay(this.#path);
    this.#file = openSync(this.#path, 'a');
    if (this.#bytesSinceSnapshot > COMPACT_AFTER_BYTES) this.compact();
    return existed && [...this.#tables.values()].some((table) => table.size > 0);
  }

  /** Makes all changes of `work` one journal line: all of them survive a kill, or none. When `work` throws they are undone. */
  atomically<R>(work: () => R): R {
    if (this.#transaction) return work();
    const transaction = { operations: [] as Operation[], undo: [] as (() => void)[] };
    this.#transaction = transaction;
    try {
      const result = work();
      if (transaction.operations.length > 0) this.#append(transaction.operations);
      return result;
    } catch (error) {
      for (const undo of transaction.undo.reverse()) undo();
      throw error;
    } finally {
      this.#transaction = undefined;
    }
  }

  /** Replaces the journal by a snapshot of the tables; a kill in between leaves the old journal whole. */
  compact(): void {
    if (this.#path === undefined) return;
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, 'w');
    for (const [name, table] of this.#tables) {
      for (const [key, row] of table.entries()) writeSync(file, `${JSON.stringify([[name, 'set', key, row]])}\n`);
    }
    fsyncSync(file);
    renameSync(fresh, this.#path);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = file;
    this.#bytesSinceSnapshot = 0;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #record(operation: Operation, undo: () => void): void {
    if (this.#transaction) {
      this.#transaction.operations.push(operation);
      this.#transaction.undo.push(undo);
    } else {
      this.#append([operation]);
    }
  }

  #append(operations: readonly Operation[]): void {
    if (this.#file === undefined) return;
    const line = Buffer.from(`${JSON.stringify(operations)}\n`);
    // A write to a regular file may be short (a full disk, a signal); the rest must follow before anyone is answered.
    for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written);
    this.#bytesSinceSnapshot += line.length;
    if (this.#bytesSinceSnapshot > 2 * COMPACT_AFTER_BYTES) this.#compactSoon();
  }

  /** Not at once: the change that was just written is not in its table yet. */
  #compactSoon(): void {
    if (this.#isCompactionDue) return;
    this.#isCompactionDue = true;
    setImmediate(() => {
      this.#isCompactionDue = false;
      if (this.#file !== undefined) this.compact();
    });
  }

  #replay(path: string): void {
    const journal = readFileSync(path);
    let start = 0;
    for (let end = journal.indexOf(10, start); end !== -1; end = journal.indexOf(10, start)) {
      const operations = parseLine(journal.toString('utf8', start, end), path, start);
      for (const operation of operations) this.#tables.get(operation[0])?.replay(operation);
      start = end + 1;
    }
    this.#bytesSinceSnapshot = journal.length;
    // What follows the last line end is a write that was cut off: nobody was answered for it, and appending to it would spoil the next line.
    if (start < journal.length) truncateSync(path, start);
  }
}

/** @throws Error that says what to do about a journal that somebody else has written into */
function parseLine(line: string, path: string, at: number): Operation[] {
  try {
    return JSON.parse(line) as Operation[];
  } catch (cause) {
    throw new Error(`${path} is damaged at byte ${at}. Remove the file to begin again with the demo.`, { cause });
  }
}
