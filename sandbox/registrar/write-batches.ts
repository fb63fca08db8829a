import type { LmsAnswer } from './lms-client.js';

/** Rows that the LMS takes at once. */
export const BATCH_ROWS = 25;

export interface SentRow {
  readonly student_key: string;
  readonly [field: string]: unknown;
}

/** What became of each key, and whether anything was good or bad. */
export interface Written {
  readonly outcomes: ReadonlyMap<string, string>;
  readonly hasGood: boolean;
  readonly hasBad: boolean;
}

/**
 * Sends rows by batches, one after another. A key that comes twice is sent at no time. What the LMS does not answer is
 * an `internal-error`; what it answers is believed as it stands, so a good status may hide rows that failed.
 */
export async function writeBatches(
  rows: readonly SentRow[],
  send: (batch: readonly SentRow[]) => Promise<LmsAnswer>,
): Promise<Written> {
  const counts = new Map<string, number>();
  for (const { student_key } of rows) counts.set(student_key, (counts.get(student_key) ?? 0) + 1);
  const isRepeated = (key: string): boolean => (counts.get(key) ?? 0) > 1;
  const outcomes = new Map<string, string>();
  for (const key of [...counts.keys()].sort()) outcomes.set(key, isRepeated(key) ? 'duplicated' : 'internal-error');
  const single = rows.filter(({ student_key }) => !isRepeated(student_key));
  let hasGood = false;
  let hasBad = single.length < rows.length;
  for (let at = 0; at < single.length; at += BATCH_ROWS) {
    const { status, body } = await send(single.slice(at, at + BATCH_ROWS));
    hasGood ||= [200, 201, 207].includes(status);
    hasBad ||= ![200, 201].includes(status);
    if (![200, 201, 207, 422].includes(status) || body === null || typeof body !== 'object') continue;
    for (const [key, outcome] of Object.entries(body)) outcomes.set(key, String(outcome));
  }
  return { outcomes, hasGood, hasBad };
}

/** 200 all good, 207 some, 422 none. */
export function statusOf({ hasGood, hasBad }: Pick<Written, 'hasGood' | 'hasBad'>): 200 | 207 | 422 {
  return !hasGood ? 422 : hasBad ? 207 : 200;
}
