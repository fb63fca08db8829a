import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Operation, OperationEntity } from '../../entities/operation.entity.js';
import type { Actor } from '../actor.js';
import type { OperationInputs, OperationKind } from './inputs.js';
import {
  type Counted,
  findTaken,
  giveRowsBack,
  insertRows,
  type PlannedRow,
  type RowResult,
  storeResults,
  type TakenRow,
  takeRows,
} from './rows.js';

/** Stored in one transaction with rows. */
export interface Saved {
  /** Where a later run goes on. */
  checkpoint?: object;
  /** Rows in all. */
  total?: number;
}

/** What the body of an operation works with. */
export interface OperationRun<Kind extends OperationKind = OperationKind> {
  readonly id: string;
  readonly input: OperationInputs[Kind];
  /** Who asked for it. */
  readonly actor: Actor;
  /** What an earlier run saved last; undefined when there was none. */
  readonly checkpoint: unknown;
  /** The operation whose failed rows this one does again: its rows are planned already, and nothing else is to be looked for. */
  readonly retryOf: string | null;
  /** Aborted when the operation is canceled, or this process ends: stop between two rows, by `throwIfAborted` or by returning. */
  readonly signal: AbortSignal;
  /** Adds rows that are to be done. */
  plan(rows: readonly PlannedRow[], saved?: Saved): Promise<void>;
  /** The next rows that nobody did yet, none twice in one run. */
  take(size: number): Promise<TakenRow[]>;
  /** Says of rows that were taken that nothing was begun with them. */
  giveBack(numbers: readonly number[]): Promise<void>;
  /** Stores what became of rows, and counts them. */
  record(results: readonly RowResult[], saved?: Saved): Promise<void>;
  /** Rows that an earlier run took and never said how they ended, in order: they may have taken effect. */
  taken(): Promise<TakenRow[]>;
  /**
   * Changes rows by the caller's own statements, in one transaction with what is saved.
   *
   * @param work - answers how many rows got their outcome
   */
  change(work: (tx: EntityManager) => Promise<Counted>, saved?: Saved): Promise<void>;
  /** Says how far work is that has no rows: numbers of the whole, not since the last time. */
  progress(step: { done?: number; failed?: number; total?: number }): Promise<void>;
}

/** @param operation - locked against other runs for as long as this one is used */
export function createRun<Kind extends OperationKind>(
  { em, clock }: { em: EntityManager; clock: Clock },
  operation: Operation,
  signal: AbortSignal,
): OperationRun<Kind> {
  const { id } = operation;
  let lastTaken = 0;
  const write = (change: (tx: EntityManager) => Promise<Partial<Counted>>, { checkpoint, total }: Saved = {}) =>
    em.fork().transactional(async (tx) => {
      const counted = await change(tx);
      await tx.execute(
        `update operation set done = done + ?, failed = failed + ?, total = coalesce(?, total),
           checkpoint = coalesce(?::jsonb, checkpoint), waits = 0, next_attempt_at = null, failure = null, updated_at = ?
         where id = ?`,
        [
          counted.done ?? 0,
          counted.failed ?? 0,
          total ?? null,
          checkpoint === undefined ? null : JSON.stringify(checkpoint),
          clock(),
          id,
        ],
      );
      await publishChange(tx, { topic: 'operation', operationId: id });
    });
  return {
    id,
    // Stored by `begin` for this very kind.
    input: operation.input as OperationInputs[Kind],
    actor: { accountId: operation.startedBy ?? null, clientId: operation.clientId ?? null },
    checkpoint: operation.checkpoint ?? undefined,
    retryOf: operation.retryOf ?? null,
    signal,
    plan: (rows, saved) =>
      write(async (tx) => {
        await insertRows(tx, id, rows, clock());
        return {};
      }, saved),
    async take(size) {
      const rows = await takeRows(em.fork(), id, { after: lastTaken, size, now: clock() });
      lastTaken = rows.at(-1)?.number ?? lastTaken;
      return rows;
    },
    giveBack: (numbers) => giveRowsBack(em.fork(), id, numbers),
    record: (results, saved) => write(async (tx) => ({ ...(await storeResults(tx, id, results, clock())) }), saved),
    taken: () => findTaken(em.fork(), id),
    change: write,
    progress: async (step) => {
      const tx = em.fork();
      await tx.nativeUpdate(OperationEntity, { id }, { ...step, updatedAt: clock() });
      await publishChange(tx, { topic: 'operation', operationId: id });
    },
  };
}
