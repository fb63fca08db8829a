import type { Logger } from '../logger.js';
import type { OperationService } from '../services/operation/operation.service.js';
import type { Job } from './job.js';

/** Carries out an operation as far as it comes. */
export function createRunOperationJob({
  operations,
}: {
  operations: Pick<OperationService, 'run'>;
}): Job<'run-operation'> {
  return ({ operationId }, { signal }) => operations.run(operationId, signal);
}

/** The safety net of the operations. */
export function createResumeOperationsJob({
  operations,
  logger,
}: {
  operations: Pick<OperationService, 'resumeForgotten'>;
  logger: Logger;
}): Job<'resume-operations'> {
  return async () => {
    const resumed = await operations.resumeForgotten();
    if (resumed > 0) logger.warn({ resumed }, 'operations waited although no job was left for them');
  };
}
