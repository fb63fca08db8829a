import { systemActor } from '../services/actor.js';
import type { OperationService } from '../services/operation/operation.service.js';
import type { Job } from './job.js';

/** Begins a pull of grades and certificates, or joins the one that is under way: never two of them. */
export function createSyncGradesJob({
  operations,
}: {
  operations: Pick<OperationService, 'begin'>;
}): Job<'sync-grades'> {
  return async () => {
    await operations.begin('SYNC_GRADES', {}, systemActor);
  };
}
