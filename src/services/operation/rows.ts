import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { RowOutcome } from '../../entities/operation.entity.js';

/** A row that is to be done. */
export interface PlannedRow {
  /** From 1; given where it is a line of a file, else the next one. */
  number?: number;
  key: string | null;
  input?: Record<string, unknown>;
}

/** A row that somebody is about to do. */
export interface TakenRow {
  number: number;
  key: string | null;
  input: Record<string, unknown> | null;
  /** An earlier run took it up and never said how it ended: it may have taken effect. */
  isRepeat: boolean;
}

/** What became of a row. */
export interface RowResult {
  /** Of a planned row; one that was not planned gets the next number. */
  number?: number;
  key: string | null;
  outcome: RowOutcome;
  reason?: string | null;
  detail?: Record<string, unknown> | null;
}

const batchSize = 1_000;

/** Stores rows that are to be done; inside a transaction that holds the operation's row. */
export async function insertRows(
  tx: EntityManager,
  operationId: string,
  rows: readonly (PlannedRow | RowResult)[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  let next = rows.every(({ number }) => number !== undefined) ? 0 : await lastNumber(tx, operationId);
  for (let start = 0; start < rows.length; start += batchSize) {
    const values = rows.slice(start, start + batchSize).map((row) => {
      const isDone = 'outcome' in row;
      next = row.number ?? next + 1;
      return {
        id: uuidv7(),
        number: next,
        key: row.key,
        input: 'input' in row ? row.input : null,
        taken_at: isDone ? now : null,
        outcome: isDone ? row.outcome : null,
        reason: isDone ? (row.reason ?? null) : null,
        detail: isDone ? (row.detail ?? null) : null,
      };
    });
    await tx.execute(
      `insert into operation_row (id, operation_id, number, key, input, taken_at, outcome, reason, detail)
       select id, ?, number, key, input, taken_at, outcome, reason, detail
       from jsonb_to_recordset(?::jsonb) as row(
         id uuid, number int, key text, input jsonb, taken_at timestamptz, outcome text, reason text, detail jsonb)`,
      [operationId, JSON.stringify(values)],
    );
  }
}

async function lastNumber(tx: EntityManager, operationId: string): Promise<number> {
  const [row] = await tx.execute<{ last: number | null }[]>(
    'select max(number) as last from operation_row where operation_id = ?',
    [operationId],
  );
  return row?.last ?? 0;
}

/** Takes up the next rows that have no outcome, in order. */
export async function takeRows(
  em: EntityManager,
  operationId: string,
  { after, size, now }: { after: number; size: number; now: Date },
): Promise<TakenRow[]> {
  const rows = await em.execute<(Omit<TakenRow, 'isRepeat'> & { taken_at: Date | null })[]>(
    `with due as (
       select id, taken_at from operation_row
       where operation_id = ? and outcome is null and number > ? order by number limit ?)
     update operation_row row set taken_at = ? from due where row.id = due.id
     returning row.number, row.key, row.input, due.taken_at`,
    [operationId, after, size, now],
  );
  return rows
    .map(({ number, key, input, taken_at }) => ({ number, key, input, isRepeat: taken_at !== null }))
    .sort((a, b) => a.number - b.number);
}

/** Lets rows be as they were before somebody took them up, who has begun nothing with them. */
export async function giveRowsBack(em: EntityManager, operationId: string, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return;
  await em.execute(
    `update operation_row set taken_at = null
     where operation_id = ? and outcome is null and number in (select jsonb_array_elements(?::jsonb)::int)`,
    [operationId, JSON.stringify(numbers)],
  );
}

/** The rows without outcome that somebody took up, in order. */
export async function findTaken(em: EntityManager, operationId: string): Promise<TakenRow[]> {
  const rows = await em.execute<Omit<TakenRow, 'isRepeat'>[]>(
    `select number, key, input from operation_row
     where operation_id = ? and outcome is null and taken_at is not null order by number`,
    [operationId],
  );
  return rows.map((row) => ({ ...row, isRepeat: true }));
}

/** Counts of rows that have just got their outcome. */
export interface Counted {
  done: number;
  failed: number;
}

/** Stores what became of rows. One that has an outcome already keeps it, and is not counted again. */
export async function storeResults(
  tx: EntityManager,
  operationId: string,
  results: readonly RowResult[],
  now: Date,
): Promise<Counted> {
  const planned = results.filter(({ number }) => number !== undefined);
  const found = results.filter(({ number }) => number === undefined);
  await insertRows(tx, operationId, found, now);
  const updated =
    planned.length === 0
      ? []
      : await tx.execute<{ outcome: RowOutcome }[]>(
          `update operation_row row set outcome = result.outcome, reason = result.reason, detail = result.detail
           from jsonb_to_recordset(?::jsonb) as result(number int, outcome text, reason text, detail jsonb)
           where row.operation_id = ? and row.number = result.number and row.outcome is null
           returning row.outcome`,
          [JSON.stringify(planned), operationId],
        );
  const outcomes = [...updated, ...found].map(({ outcome }) => outcome);
  return { done: outcomes.length, failed: outcomes.filter((outcome) => outcome !== 'OK').length };
}

/** Says of every row that is left that it was not done. */
export async function cancelRows(tx: EntityManager, operationId: string): Promise<number> {
  const rows = await tx.execute<unknown[]>(
    `update operation_row set outcome = 'CANCELLED',
       reason = case when taken_at is null then 'The operation was canceled before this row was done.'
         else 'The operation was canceled while this row was about to be done: look whether it took effect.' end
     where operation_id = ? and outcome is null returning 1`,
    [operationId],
  );
  return rows.length;
}
