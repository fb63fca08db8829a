import type { DataExportService } from '../services/data-export/data-export.service.js';
import type { Job } from './job.js';

/** Assembles the copy of a person's data. */
export function createExportDataJob({
  dataExports,
}: {
  dataExports: Pick<DataExportService, 'assemble'>;
}): Job<'export-data'> {
  return ({ accountId }) => dataExports.assemble(accountId);
}
