import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createAuthenticator } from '../crypto/authenticator.js';
import type { LmsClient } from '../datasources/lms/lms-client.js';
import { createLearnerLinkWrites } from '../datasources/program/link-learner.js';
import { createReportFolder } from '../datasources/report-folder/report-folder.js';
import type { Logger } from '../logger.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createLearnerLinks, type LearnerLinks } from '../services/learner-link/learner-links.js';
import { createLearnerTies, type LearnerTies } from '../services/learner-link/learner-ties.js';
import { createProgramLearners, type ProgramLearners } from '../services/program/learners.js';
import { createProgramService, type ProgramService } from '../services/program/program.service.js';
import { createProgramEnrollments, type ProgramEnrollments } from '../services/program/program-enrollments.js';
import {
  createProgramReports,
  type ProgramReports,
  reportPurpose,
} from '../services/program-report/program-reports.js';
import type { ProgramUpstream } from './program-source.js';

export interface ProgramServices {
  programs: ProgramService;
  programEnrollments: ProgramEnrollments;
  programLearners: ProgramLearners;
  programReports: ProgramReports;
  learnerLinks: LearnerLinks;
  learnerTies: LearnerTies;
}

/** Builds what concerns programs; part of the composition root. */
export function createProgramServices({
  config,
  secrets,
  orm,
  client,
  upstream: { source, reads },
  audit,
  clock,
  logger,
}: {
  config: Config;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  client: Pick<LmsClient, 'request'>;
  upstream: Pick<ProgramUpstream, 'source' | 'reads'>;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
  logger: Logger;
}): ProgramServices {
  const log = logger.child({ part: 'programs' });
  const programs = createProgramService({
    orm,
    source,
    maxAgeMs: config.discovery.maxAgeMs,
    audit,
    clock,
    logger: log,
  });
  return {
    programs,
    programLearners: createProgramLearners({
      em: orm.em,
      reads,
      source,
      describe: programs.describe,
      clock,
      logger: log,
    }),
    programEnrollments: createProgramEnrollments({ em: orm.em }),
    programReports: createProgramReports({
      folder: createReportFolder({ path: config.reports.folder, logger: log }),
      programs,
      authenticator: createAuthenticator(secrets.keys, reportPurpose),
      audit,
      clock,
      publicUrl: config.http.publicUrl,
    }),
    learnerLinks: createLearnerLinks({ em: orm.em }),
    learnerTies: createLearnerTies({ orm, lms: createLearnerLinkWrites(client), source, audit, clock }),
  };
}
