import { AppError, DatabaseUnavailableError, UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { classifyTrouble } from '../upstream-trouble.js';
import type { OperationKind } from './inputs.js';
import type { PlannedRow, RowResult, TakenRow } from './rows.js';
import type { OperationRun } from './run.js';

/** Rows that were found, and where to look on. */
export interface FoundRows {
  rows: readonly PlannedRow[];
  /** Anything that JSON holds; undefined when these were the last. */
  next: unknown;
}

export interface PerformOptions {
  /** Rows at a time. */
  parallel: number;
  /** Finds rows that are not planned yet, a page at a time, beginning without a place; left out when all are planned. */
  find?(place: unknown): Promise<FoundRows>;
  /** Does one row. Errors become its outcome, but for an upstream that is away for everybody: then the operation waits. */
  perform(row: TakenRow): Promise<Omit<RowResult, 'number' | 'key'>>;
  logger: Logger;
}

/** Stored while there is more to find. */
interface Place {
  place?: unknown;
  isEnd?: boolean;
}

/**
 * Does the rows of an operation, so many at a time, and finds more of them when those are done: at no time are more in memory
 * than one page. What was done is stored row by row, so that a later run goes on with the next.
 *
 * @throws UpstreamUnavailableError as soon as an upstream is away for everybody; rows under way have ended then
 */
export async function performRows<Kind extends OperationKind>(
  run: OperationRun<Kind>,
  { parallel, find, perform, logger }: PerformOptions,
): Promise<void> {
  let where: Place = isPlace(run.checkpoint) ? run.checkpoint : {};
  for (;;) {
    await performPlanned(run, { parallel, perform, logger });
    if (!find || where.isEnd || run.signal.aborted) return;
    const { rows, next } = await find(where.place);
    where = next === undefined ? { isEnd: true } : { place: next };
    await run.plan(rows, { checkpoint: where });
  }
}

async function performPlanned<Kind extends OperationKind>(
  run: OperationRun<Kind>,
  { parallel, perform, logger }: Pick<PerformOptions, 'parallel' | 'perform' | 'logger'>,
): Promise<void> {
  let trouble: unknown;
  let waiting: TakenRow[] = [];
  let refill: Promise<void> | undefined;
  let isEmpty = false;
  const next = async (): Promise<TakenRow | undefined> => {
    while (waiting.length === 0 && !isEmpty) {
      refill ??= run.take(parallel * 4).then((rows) => {
        waiting = rows;
        isEmpty = rows.length === 0;
        refill = undefined;
      });
      await refill;
    }
    return waiting.shift();
  };
  const work = async () => {
    while (trouble === undefined && !run.signal.aborted) {
      const row = await next();
      if (!row) return;
      try {
        const result = await perform(row).catch((error) => toResult(error, logger));
        await run.record([{ ...result, number: row.number, key: row.key }]);
      } catch (error) {
        trouble ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  if (trouble !== undefined) throw trouble;
}

/** @throws what concerns more than one row */
function toResult(error: unknown, logger: Logger): Omit<RowResult, 'number' | 'key'> {
  if (error instanceof DatabaseUnavailableError) throw error;
  if (error instanceof UpstreamUnavailableError) {
    if (classifyTrouble(error) === 'system-wide') throw error;
    return { outcome: 'UPSTREAM_TIMEOUT', reason: error.message };
  }
  if (error instanceof UpstreamRejectedError)
    return { outcome: error.status === 403 ? 'UPSTREAM_FORBIDDEN' : 'UPSTREAM_REJECTED', reason: error.message };
  if (error instanceof AppError && error.expose) return { outcome: outcomeOf(error), reason: error.message };
  logger.error({ err: error }, 'a row of an operation failed by a fault of Portico');
  return { outcome: 'INTERNAL_ERROR', reason: 'Something went wrong in Portico; its log says what.' };
}

function outcomeOf({ code }: AppError): RowResult['outcome'] {
  if (code === 'NOT_FOUND') return 'NOT_FOUND';
  return code === 'BAD_USER_INPUT' ? 'INVALID' : 'CONFLICT';
}

function isPlace(checkpoint: unknown): checkpoint is Place {
  return typeof checkpoint === 'object' && checkpoint !== null;
}
