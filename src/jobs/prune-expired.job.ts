import type { Logger } from '../logger.js';
import type { PruneService } from '../services/prune.service.js';
import type { Job } from './job.js';

/** Deletes what has expired. */
export function createPruneExpiredJob({
  prune,
  logger,
}: {
  prune: PruneService;
  logger: Logger;
}): Job<'prune-expired'> {
  return async () => {
    const deleted = await prune.run();
    if (Object.values(deleted).some((count) => count > 0)) logger.info(deleted, 'deleted what has expired');
  };
}
