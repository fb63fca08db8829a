import type { RetirementService } from '../services/retirement/retirement.service.js';
import type { Job } from './job.js';

/** Takes the steps of a retirement that are left. */
export function createRetireAccountJob({
  retirements,
}: {
  retirements: Pick<RetirementService, 'run'>;
}): Job<'retire-account'> {
  return async ({ accountId, waits = 0 }) => {
    await retirements.run(accountId, { waits });
  };
}
