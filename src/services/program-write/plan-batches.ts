import type { TakenRow } from '../operation/rows.js';
import { type EnrollmentRowInput, readRowInput } from './row-input.js';

/** A row that is about to be sent. */
export interface SendableRow {
  number: number;
  key: string;
  input: EnrollmentRowInput;
}

/** Rows of one call: all of one course run, or all of the program itself. */
export interface Batch {
  courseKey: string | undefined;
  rows: SendableRow[];
}

/** Sorts rows into calls, in the order in which they stand in the file. */
export function planBatches(rows: readonly TakenRow[], size: number): Batch[] {
  const batches: Batch[] = [];
  const open = new Map<string | undefined, Batch>();
  for (const { number, key, input } of rows) {
    const row: SendableRow = { number, key: key ?? '', input: readRowInput(input) };
    const { courseKey } = row.input;
    let batch = open.get(courseKey);
    if (!batch || batch.rows.length >= size) {
      batch = { courseKey, rows: [] };
      open.set(courseKey, batch);
      batches.push(batch);
    }
    batch.rows.push(row);
  }
  return batches;
}
