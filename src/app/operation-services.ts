import type { MikroORM } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../changes/change-feed.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createAuthenticator } from '../crypto/authenticator.js';
import { createSealer } from '../crypto/sealer.js';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import type { AccountService } from '../services/account/account.service.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createDeadJobService, type DeadJobService } from '../services/dead-job.service.js';
import { createEdxRepairService, type EdxRepairService } from '../services/edx-repair/edx-repair.service.js';
import { createOperationService, type OperationService } from '../services/operation/operation.service.js';
import {
  createOperationFiles,
  type OperationFiles,
  operationFilePurpose,
} from '../services/operation/operation-files.js';
import type { ProgramPermissions } from '../services/partner-grant/program-permissions.js';
import type { ProgramService } from '../services/program/program.service.js';
import {
  createProgramWriteService,
  type ProgramWriteService,
} from '../services/program-write/program-write.service.js';
import { createScheduleLog, type ScheduleLog } from '../services/schedule-log.service.js';
import { createUploadService, type UploadService, uploadPurpose } from '../services/upload/upload.service.js';
import type { LinkageServices } from './linkage-services.js';
import { createOperationKinds } from './operation-kinds.js';
import type { ProgramServices } from './program-services.js';
import type { ProgramUpstream } from './program-source.js';

/** Work that outlasts a request, and what the clock begins. */
export interface OperationServices {
  operations: OperationService;
  operationFiles: OperationFiles;
  uploads: UploadService;
  programWrites: ProgramWriteService;
  edxRepair: EdxRepairService;
  scheduleLog: ScheduleLog;
  deadJobs: DeadJobService;
}

/** Builds them; part of the composition root. */
export function createOperationServices({
  config,
  secrets,
  orm,
  programServices,
  locks,
  changes,
  audit,
  accounts,
  linkageServices,
  programUpstream,
  programs,
  programPermissions,
  clock,
  logger,
}: {
  config: Config;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  programServices: Pick<ProgramServices, 'programs' | 'programLearners'>;
  locks: AdvisoryLocks;
  changes: ChangeFeed;
  audit: Pick<AuditService, 'record'>;
  accounts: AccountService;
  linkageServices: LinkageServices;
  programUpstream: ProgramUpstream;
  programs: ProgramService;
  programPermissions: ProgramPermissions;
  clock: Clock;
  logger: Logger;
}): OperationServices {
  const { em } = orm;
  const log = logger.child({ part: 'operations' });
  const operationFiles = createOperationFiles({
    em,
    clock,
    sealer: createSealer(secrets.keys, operationFilePurpose),
    authenticator: createAuthenticator(secrets.keys, operationFilePurpose),
    audit,
    publicUrl: config.http.publicUrl,
    keptHours: config.operations.fileKeptHours,
  });
  const uploads = createUploadService({ em, clock, sealer: createSealer(secrets.keys, uploadPurpose) });
  const services = { ...linkageServices, operationFiles, uploads };
  const kinds = createOperationKinds({
    config,
    orm,
    accounts,
    services,
    programServices,
    programUpstream,
    clock,
    logger: log,
  });
  const operations = createOperationService({ em, locks, changes, clock, audit, logger: log, kinds });
  return {
    operations,
    operationFiles,
    uploads,
    programWrites: createProgramWriteService({ operations, uploads, programs, programPermissions }),
    edxRepair: createEdxRepairService({ em, operations, clock, ...config.repair }),
    scheduleLog: createScheduleLog({ em, clock }),
    deadJobs: createDeadJobService({ em, audit }),
  };
}
