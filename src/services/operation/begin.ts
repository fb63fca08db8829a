import type { EntityManager } from '@mikro-orm/postgresql';
import { type Operation, OperationEntity } from '../../entities/operation.entity.js';
import { ConflictError } from '../../errors.js';
import { bulkPriority, enqueue } from '../../jobs/queue.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import { type Actor, callerOf } from '../actor.js';
import { findEarlierResult, type IdempotentRequest, rememberResult } from '../idempotency.js';
import type { OperationInputs, OperationKind } from './inputs.js';
import type { OperationDefinition } from './kinds.js';
import { firstOfLane } from './lane.js';
import { insertRows, type PlannedRow } from './rows.js';

export interface BeginOptions {
  /** The caller's own name for this request. */
  idempotencyKey?: string | undefined;
  /** Rows that are known beforehand. */
  rows?: readonly PlannedRow[];
  /** The same, of a file: one page of them in memory at a time. */
  pages?: AsyncIterable<readonly PlannedRow[]>;
  /** The operation whose rows these are, done again. */
  retryOf?: string;
  /** Only where nothing of its lane is unfinished; otherwise it waits for its turn. */
  isAlone?: boolean;
  /** Commits with this transaction, or not at all; one of its own otherwise. */
  tx?: EntityManager;
}

/** Another operation, which this one was not to wait for, is not finished. */
export class LaneBusyError extends ConflictError {
  constructor() {
    super('Another one is under way. Try again when it has ended.');
  }
}

/** Stores an operation with its rows and its job, or finds the one that this request, or an equal one, has begun already. */
export async function beginOperation<Kind extends OperationKind>(
  tx: EntityManager,
  kind: Kind,
  definition: OperationDefinition<Kind>,
  input: OperationInputs[Kind],
  { actor, now, idempotencyKey, rows = [], pages, retryOf, isAlone }: BeginOptions & { actor: Actor; now: Date },
): Promise<Operation> {
  const request: IdempotentRequest | undefined =
    idempotencyKey === undefined
      ? undefined
      : { callerId: callerOf(actor), operation: kind, key: idempotencyKey, input: { ...input } };
  const lane = definition.lane ? definition.lane(input) : kind;
  await lockUntilCommit(tx, `begin-operation:${lane ?? request?.key ?? kind}`);
  const earlierId = request && (await findEarlierResult(tx, request));
  if (earlierId) return tx.findOneOrFail(OperationEntity, { id: earlierId });
  // Under the lock of the lane: of many who ask at once, one begins.
  if (isAlone && lane !== null && (await firstOfLane(tx, lane)) !== undefined) throw new LaneBusyError();
  const equal = definition.isJoined && retryOf === undefined ? await findUnfinishedEqual(tx, kind, input) : undefined;
  const operation =
    equal ?? (await storeOperation(tx, { kind, input: { ...input }, lane, retryOf, rows, pages, actor, now }));
  if (request) await rememberResult(tx, request, operation.id, now);
  return operation;
}

async function findUnfinishedEqual(tx: EntityManager, kind: string, input: object): Promise<Operation | undefined> {
  const [row] = await tx.execute<{ id: string }[]>(
    `select id from operation
     where kind = ? and finished_at is null and cancel_requested_at is null and input = ?::jsonb order by id limit 1`,
    [kind, JSON.stringify(input)],
  );
  return row && tx.findOneOrFail(OperationEntity, { id: row.id });
}

async function storeOperation(
  tx: EntityManager,
  {
    rows,
    pages,
    actor,
    now,
    retryOf,
    ...asked
  }: {
    kind: string;
    input: Record<string, unknown>;
    lane: string | null;
    retryOf: string | undefined;
    rows: readonly PlannedRow[];
    pages: AsyncIterable<readonly PlannedRow[]> | undefined;
    actor: Actor;
    now: Date;
  },
): Promise<Operation> {
  const operation = tx.create(OperationEntity, {
    ...asked,
    retryOf: retryOf ?? null,
    createdAt: now,
    updatedAt: now,
    total: rows.length > 0 ? rows.length : null,
    startedBy: actor.accountId,
    clientId: actor.clientId ?? null,
  });
  await tx.flush();
  await insertRows(tx, operation.id, rows, now);
  for await (const page of pages ?? []) {
    await insertRows(tx, operation.id, page, now);
    operation.total = (operation.total ?? 0) + page.length;
  }
  await tx.flush();
  await enqueueOperation(tx, operation.id);
  return operation;
}

/** Has an operation (go on to) run now, or at `runAt`. There is one job for each. */
export async function enqueueOperation(em: EntityManager, operationId: string, runAt?: Date): Promise<void> {
  await enqueue(
    em,
    'run-operation',
    { operationId },
    { key: `operation:${operationId}`, priority: bulkPriority, ...(runAt && { runAt }) },
  );
}
