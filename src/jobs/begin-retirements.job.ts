import type { Logger } from '../logger.js';
import type { DataExportService } from '../services/data-export/data-export.service.js';
import type { RetirementService } from '../services/retirement/retirement.service.js';
import type { Job } from './job.js';

/** Begins what is due, and takes up again what nobody works on: retirements, and copies of data. */
export function createBeginRetirementsJob({
  retirements,
  dataExports,
  logger,
}: {
  retirements: Pick<RetirementService, 'beginDue'>;
  dataExports: Pick<DataExportService, 'resume'>;
  logger: Logger;
}): Job<'begin-retirements'> {
  return async () => {
    await dataExports.resume();
    const begun = await retirements.beginDue();
    if (begun > 0) logger.info({ begun }, 'retirements that were asked for have begun');
  };
}
