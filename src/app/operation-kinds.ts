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
import {
  createExportCourseEnrollments,
  createExportProgramEnrollments,
  createExportProgramGrades,
} from '../services/program-export/export-operation.js';
import { createUploadOperation } from '../services/program-write/upload-operation.js';
import { createWriteOperation } from '../services/program-write/write-operation.js';
import type { UploadService } from '../services/upload/upload.service.js';
import type { LinkageServices } from './linkage-services.js';
import type { ProgramServices } from './program-services.js';
import type { ProgramUpstream } from './program-source.js';

/** How operations of each kind are carried out; part of the composition root. */
export function createOperationKinds({
  config,
  orm,
  accounts,
  services,
  programServices,
  programUpstream: { source, reads, writes },
  clock,
  logger,
}: {
  config: Config;
  orm: MikroORM;
  accounts: AccountService;
  programServices: Pick<ProgramServices, 'programs' | 'programLearners'>;
  services: LinkageServices & { operationFiles: OperationFiles; uploads: UploadService };
  programUpstream: ProgramUpstream;
  clock: Clock;
  logger: Logger;
}): OperationDefinitions {
  const shared = { ...services, accounts, em: orm.em, clock, logger };
  const writing = { em: orm.em, source, writes, uploads: services.uploads, files: services.operationFiles, clock };
  const exporting = { em: orm.em, source, reads, files: services.operationFiles };
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
    UPLOAD_PROGRAM_ENROLLMENTS: createUploadOperation(writing, 'program'),
    UPLOAD_COURSE_ENROLLMENTS: createUploadOperation(writing, 'course'),
    EXPORT_PROGRAM_ENROLLMENTS: createExportProgramEnrollments(exporting),
    EXPORT_COURSE_ENROLLMENTS: createExportCourseEnrollments(exporting),
    EXPORT_PROGRAM_GRADES: createExportProgramGrades(exporting),
    WRITE_PROGRAM_ENROLLMENTS: createWriteOperation(writing),
    WRITE_COURSE_ENROLLMENTS: createWriteOperation(writing),
  };
}
