import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../entities/operation.entity.js';
import { type CarryOutDeps, carryOut } from './carry-out.js';

export interface FollowOptions {
  /** Told of the operation now and then, and of its end. */
  onProgress?: ((operation: Operation) => void) | undefined;
  /** Ends the waiting, and the work of this process on it; the operation goes on elsewhere. */
  signal?: AbortSignal | undefined;
}

const lookMs = 500;

/** Waits until an operation has ended. Where no worker does the work, this does. */
export async function followOperation(
  deps: CarryOutDeps,
  look: () => Promise<Operation>,
  { onProgress = () => {}, signal }: FollowOptions = {},
): Promise<Operation> {
  for (;;) {
    const operation = await look();
    onProgress(operation);
    if (operation.finishedAt != null) return operation;
    const isDue = operation.nextAttemptAt == null || operation.nextAttemptAt <= deps.clock();
    if (isDue) await carryOutWatched(deps, look, { id: operation.id, onProgress, signal });
    const isOver = isDue && (await look()).finishedAt != null;
    if (isOver) continue;
    // Where it has not ended, another process is at it, or it has to wait.
    await delay(lookMs, undefined, signal && { signal });
  }
}

async function carryOutWatched(
  deps: CarryOutDeps,
  look: () => Promise<Operation>,
  {
    id,
    onProgress,
    signal,
  }: { id: string; onProgress: (operation: Operation) => void; signal: AbortSignal | undefined },
): Promise<void> {
  const watch = setInterval(() => {
    look().then(onProgress, (error) =>
      deps.logger.warn({ err: error, operationId: id }, 'could not see how far it is'),
    );
  }, lookMs);
  try {
    await carryOut(deps, id, { stop: signal });
  } finally {
    clearInterval(watch);
  }
}
