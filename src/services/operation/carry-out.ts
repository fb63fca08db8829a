import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Operation, OperationEntity } from '../../entities/operation.entity.js';
import { AppError, DatabaseUnavailableError, UpstreamUnavailableError } from '../../errors.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { describeTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { enqueueOperation } from './begin.js';
import { finishOperation } from './finish.js';
import type { OperationFailure, OperationKind } from './inputs.js';
import type { OperationDefinition, OperationDefinitions } from './kinds.js';
import { firstOfLane } from './lane.js';
import { createRun } from './run.js';

export interface CarryOutDeps {
  em: EntityManager;
  locks: AdvisoryLocks;
  changes: Pick<ChangeFeed, 'subscribe'>;
  clock: Clock;
  logger: Logger;
  /** Those that this process knows. */
  kinds: Partial<OperationDefinitions>;
}

/** A run that ended by a fault of ours is tried so often in all. */
const maxCrashes = 5;
const busyPauseMs = 5_000;

/**
 * Runs an operation, or goes on with it, as far as it comes: to its end, or until it has to wait. One process at a time runs an
 * operation, and operations of one lane run one after the other; whoever comes too early leaves it alone.
 *
 * @param stop - aborted when this process ends; the operation then goes on elsewhere
 * @param isJob - whether to come again while another process is at work, which may be killed
 * @throws what a run ends by that is a fault of ours, a few times; then the operation has failed
 */
export async function carryOut(
  deps: CarryOutDeps,
  id: string,
  { stop, isJob = false }: { stop?: AbortSignal | undefined; isJob?: boolean } = {},
): Promise<void> {
  const operation = await deps.em.fork().findOne(OperationEntity, { id });
  if (!operation || operation.finishedAt != null) return;
  try {
    await deps.locks.run(lockOf(operation), () => runLocked(deps, id, stop));
  } catch (error) {
    if (!(error instanceof LockBusyError)) throw error;
    if (isJob) await enqueueOperation(deps.em.fork(), id, new Date(deps.clock().getTime() + busyPauseMs));
  }
}

function lockOf({ id, lane }: Operation): string {
  return lane == null ? `operation:${id}` : `operations:${lane}`;
}

async function runLocked(deps: CarryOutDeps, id: string, stop: AbortSignal | undefined): Promise<void> {
  const { em, clock } = deps;
  const operation = await em.fork().findOneOrFail(OperationEntity, { id });
  if (operation.finishedAt != null) return;
  if (operation.cancelRequestedAt != null) {
    await finishOperation(em, id, { kind: 'canceled' }, clock());
    return;
  }
  // Whoever is first in the lane has this one run when it has ended.
  if (operation.lane != null && (await firstOfLane(em.fork(), operation.lane)) !== id) return;
  if (!(await storeStart(em, operation, clock()))) return;
  using cancellation = watchCancellation(deps, id);
  const signal = stop ? AbortSignal.any([cancellation.signal, stop]) : cancellation.signal;
  try {
    // Stored by `begin`, which takes known kinds only; one of a newer version fails below.
    const definition = deps.kinds[operation.kind as OperationKind] as OperationDefinition<OperationKind> | undefined;
    if (!definition) throw new Error(`this version knows no operations of kind ${operation.kind}`);
    const summary = await definition.run(createRun(deps, operation, signal));
    await settle(deps, id, { cancellation: cancellation.signal, stop }, () =>
      finishOperation(em, id, { kind: 'done', summary }, clock()),
    );
  } catch (error) {
    await settle(deps, id, { cancellation: cancellation.signal, stop }, () => settleError(deps, operation, error));
  }
}

/** Whatever a run was about to do: when it was told to stop, that is what counts. */
async function settle(
  { em, clock }: CarryOutDeps,
  id: string,
  { cancellation, stop }: { cancellation: AbortSignal; stop: AbortSignal | undefined },
  otherwise: () => Promise<unknown>,
): Promise<void> {
  if (cancellation.aborted) await finishOperation(em, id, { kind: 'canceled' }, clock());
  else if (stop?.aborted) await enqueueOperation(em.fork(), id);
  else await otherwise();
}

/** @returns false when it was canceled meanwhile */
async function storeStart(em: EntityManager, { id, begunAt }: Operation, now: Date): Promise<boolean> {
  const tx = em.fork();
  const isThere = await tx.nativeUpdate(
    OperationEntity,
    { id, finishedAt: null },
    { state: 'RUNNING', begunAt: begunAt ?? now, nextAttemptAt: null },
  );
  await publishChange(tx, { topic: 'operation', operationId: id });
  return isThere > 0;
}

async function settleError(deps: CarryOutDeps, { id, waits, crashes }: Operation, error: unknown): Promise<void> {
  const { em, clock, logger } = deps;
  const now = clock();
  if (error instanceof UpstreamUnavailableError) {
    // Counted from the row as it is now: a run that came on since then begins to count anew.
    const current = await em.fork().findOneOrFail(OperationEntity, { id });
    const nextAttemptAt = new Date(now.getTime() + pauseBeforeRetryMs(error, current.waits));
    await em.fork().transactional(async (tx) => {
      const failure = describeTrouble(error, now);
      await tx.nativeUpdate(OperationEntity, { id }, { failure, nextAttemptAt, waits: current.waits + 1 });
      await enqueueOperation(tx, id, nextAttemptAt);
      await publishChange(tx, { topic: 'operation', operationId: id });
    });
    logger.warn({ err: error, operationId: id, waits, nextAttemptAt }, 'an operation has to wait');
    return;
  }
  if (error instanceof DatabaseUnavailableError) throw error;
  if (isUpstreamTrouble(error)) return failed(deps, id, { ...describeTrouble(error, now), retryable: false });
  if (error instanceof AppError && error.expose && !error.retryable)
    return failed(deps, id, ownFailure(error.code, error.message, now));
  await em.fork().nativeUpdate(OperationEntity, { id }, { crashes: crashes + 1 });
  if (crashes + 1 < maxCrashes) throw error;
  logger.error({ err: error, operationId: id }, 'an operation failed by a fault of Portico');
  return failed(deps, id, ownFailure('internal-error', 'Something went wrong in Portico; its log says what.', now));
}

async function failed({ em, clock }: CarryOutDeps, id: string, failure: OperationFailure): Promise<void> {
  await finishOperation(em, id, { kind: 'failed', failure }, clock());
}

function ownFailure(code: string, message: string, at: Date): OperationFailure {
  return { upstream: 'portico', code, message, retryable: false, at: at.toISOString() };
}

/** Aborts its signal when somebody, in whichever process, has asked for the end of an operation. */
function watchCancellation({ changes, em, logger }: CarryOutDeps, id: string): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const look = async () => {
    const wanted = await em.fork().count(OperationEntity, { id, cancelRequestedAt: { $ne: null } });
    if (wanted > 0) controller.abort();
  };
  let isLooking = false;
  const stopListening = changes.subscribe((change) => {
    if (change.topic !== 'operation' || change.operationId !== id || isLooking) return;
    isLooking = true;
    look()
      .catch((error) => logger.warn({ err: error, operationId: id }, 'could not see whether an operation was canceled'))
      .finally(() => {
        isLooking = false;
      });
  });
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}
