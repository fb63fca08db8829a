import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Logger } from '../logger.js';
import type { AccountService } from '../services/account/account.service.js';
import { createBulkEnroll } from '../services/bulk-enrollment/bulk-enroll.js';
import { createSyncCourseRuns } from '../services/course-run/sync-operation.js';
import { createCheckEdxLinks } from '../services/edx-repair/check-edx-links.js';
import { createRepairEdxLinks } from '../services/edx-repair/repair-edx-links.js';
import { createReconcile } from '../services/enrollment-reconciliation/reconcile-operation.js';
import { createRetryEnrollments } from '../services/enrollment-retry/retry-operation.js';
import { createExportGrades } from '../services/grade/export-operation.js';
import { createSyncGrades } from '../services/grade/sync-operation.js';
import type { OperationDefinitions } from '../services/operation/kinds.js';
import type { OperationFiles } from '../services/operation/operation-files.js';
import { createSyncPrograms } from '../services/program/sync-operation.js';
import type { LinkageServices } from './linkage-services.js';
import type { ProgramServices } from './program-services.js';

/** How operations of each kind are carried out; part of the composition root. */
export function createOperationKinds({
  config,
  orm,
  accounts,
  services,
  programServices,
  clock,
  logger,
}: {
  config: Config;
  orm: MikroORM;
  accounts: AccountService;
  programServices: Pick<ProgramServices, 'programs' | 'programLearners'>;
  services: LinkageServices & { operationFiles: OperationFiles };
  clock: Clock;
  logger: Logger;
}): OperationDefinitions {
  const shared = { ...services, accounts, em: orm.em, clock, logger };
  return {
    RECONCILE: createReconcile(shared),
    RETRY_ENROLLMENTS: createRetryEnrollments(shared),
    BULK_ENROLL: createBulkEnroll(shared),
    CHECK_EDX_LINKS: createCheckEdxLinks(shared),
    REPAIR_EDX_LINKS: createRepairEdxLinks({ ...shared, ...config.repair }),
    SYNC_COURSE_RUNS: createSyncCourseRuns(services.courseRuns),
    SYNC_PROGRAMS: createSyncPrograms(programServices),
    SYNC_GRADES: createSyncGrades({ grades: services.grades, logger }),
    EXPORT_GRADES: createExportGrades({ grades: services.grades, files: services.operationFiles, logger }),
  };
}
