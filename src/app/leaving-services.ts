import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createSealer } from '../crypto/sealer.js';
import type { LearningReads } from '../datasources/learning-reads.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import type { Events } from '../events.js';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import type { OAuth } from '../oauth/create-oauth.js';
import { createIdentityProof, type IdentityProof } from '../services/account/identity-proof.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createDataExportService, type DataExportService } from '../services/data-export/data-export.service.js';
import {
  createDeletionRequestService,
  type DeletionRequestService,
} from '../services/retirement/deletion-request.service.js';
import { createRetirementService, type RetirementService } from '../services/retirement/retirement.service.js';
import type { AccountServices } from './account-services.js';

/** What people need who want to leave, or to take their data with them. */
export interface LeavingServices {
  identityProof: IdentityProof;
  dataExports: DataExportService;
  deletionRequests: DeletionRequestService;
  retirements: RetirementService;
}

/** Builds them; part of the composition root. */
export function createLeavingServices({
  config,
  secrets,
  orm,
  locks,
  api,
  reads,
  oauth: { signIn, clientGrants },
  accountServices: { secondFactors, mail, blockedEmails },
  audit,
  events,
  clock,
  logger,
}: {
  config: Pick<Config, 'http' | 'site' | 'leaving'>;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  locks: AdvisoryLocks;
  api: LmsApi;
  /** Told of our own writes to the LMS. */
  reads: Pick<LearningReads, 'invalidate'>;
  oauth: Pick<OAuth, 'signIn' | 'clientGrants'>;
  accountServices: Pick<AccountServices, 'secondFactors' | 'mail' | 'blockedEmails'>;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'accountRetired' | 'retirementWaits'>;
  clock: Clock;
  logger: Logger;
}): LeavingServices {
  const { publicUrl } = config.http;
  const { deletionWaitDays, exportLifeDays } = config.leaving;
  const mailing = { orm, clock, audit, mail, publicUrl, site: config.site };
  return {
    identityProof: createIdentityProof({ secondFactors, signIn, clock }),
    dataExports: createDataExportService({
      ...mailing,
      sealer: createSealer(secrets.keys, 'data-export'),
      lifeDays: exportLifeDays,
      signIn,
      clientGrants,
    }),
    deletionRequests: createDeletionRequestService({ ...mailing, waitDays: deletionWaitDays }),
    retirements: createRetirementService({
      em: orm.em,
      api,
      signIn,
      clientGrants,
      mail,
      blockedEmails,
      audit,
      events,
      locks,
      clock,
      site: config.site,
      logger: logger.child({ part: 'retirement' }),
      onWritten: ({ lmsUsername }) =>
        reads.invalidate({ lmsUser: lmsUsername, enrollmentsOf: lmsUsername, certificatesOf: lmsUsername }),
    }),
  };
}
