import type { FilterQuery } from '@mikro-orm/postgresql';
import type { Operation, OperationState } from '../../entities/operation.entity.js';

/** Which operations: all that is given must hold. */
export interface OperationFilter {
  kinds?: readonly string[] | undefined;
  states?: readonly OperationState[] | undefined;
  startedBy?: string | undefined;
  /** Those about this program: its row id. */
  programId?: string | undefined;
  since?: Date | undefined;
  /** Codes of what keeps them, or made them fail. */
  reasons?: readonly string[] | undefined;
  /** Not a step further since then. */
  unchangedSince?: Date | undefined;
  /** Whether they are not over, and wait for an upstream or for too long did not come on. */
  isStuck?: boolean | undefined;
}

/** An operation that takes no step for longer than this counts as stuck. */
const longestStepMs = 3_600_000;

/** The condition of a filter. */
export function whereOperations(filter: OperationFilter, now: Date): FilterQuery<Operation> {
  const { kinds, states, startedBy, programId, since, reasons, unchangedSince, isStuck } = filter;
  const stuck: FilterQuery<Operation> = {
    finishedAt: null,
    $or: [{ waits: { $gt: 0 } }, { updatedAt: { $lte: new Date(now.getTime() - longestStepMs) } }],
  };
  const conditions: FilterQuery<Operation>[] = [];
  if (kinds) conditions.push({ kind: { $in: [...kinds] } });
  if (states) conditions.push({ state: { $in: [...states] } });
  if (startedBy !== undefined) conditions.push({ startedBy });
  if (programId !== undefined) conditions.push({ input: { programId } });
  if (since) conditions.push({ createdAt: { $gte: since } });
  if (reasons) conditions.push({ failure: { code: { $in: [...reasons] } } });
  if (unchangedSince) conditions.push({ updatedAt: { $lte: unchangedSince } });
  if (isStuck) conditions.push(stuck);
  if (isStuck === false) conditions.push({ $not: stuck });
  return { $and: conditions };
}
