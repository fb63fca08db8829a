import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import { createDiscoveryClient, type DiscoveryClient } from '../datasources/discovery/discovery-client.js';
import { createDiscoveryReads } from '../datasources/discovery/programs.js';
import type { LmsClient } from '../datasources/lms/lms-client.js';
import { createLearnerLinkWrites } from '../datasources/program/link-learner.js';
import { createProgramEnrollmentReads } from '../datasources/program/read-enrollments.js';
import type { UpstreamStatus } from '../datasources/upstream/status.js';
import type { Events } from '../events.js';
import type { Logger } from '../logger.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createLearnerLinks, type LearnerLinks } from '../services/learner-link/learner-links.js';
import { createLearnerTies, type LearnerTies } from '../services/learner-link/learner-ties.js';
import { createProgramLearners, type ProgramLearners } from '../services/program/learners.js';
import { createProgramService, type ProgramService } from '../services/program/program.service.js';
import { createProgramEnrollments, type ProgramEnrollments } from '../services/program/program-enrollments.js';

export interface ProgramServices {
  programs: ProgramService;
  programEnrollments: ProgramEnrollments;
  programLearners: ProgramLearners;
  learnerLinks: LearnerLinks;
  learnerTies: LearnerTies;
}

/** Builds what concerns programs, and the way to Discovery where there is one; part of the composition root. */
export function createProgramServices({
  config,
  orm,
  client,
  audit,
  events,
  onBreaker,
  clock,
  logger,
}: {
  config: Config;
  orm: MikroORM;
  client: Pick<LmsClient, 'request' | 'workerJwt'>;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'upstreamCalled'>;
  onBreaker: (status: UpstreamStatus) => void;
  clock: Clock;
  logger: Logger;
}): { discovery: DiscoveryClient | undefined; services: ProgramServices } {
  const { baseUrl, programTypes, maxAgeMs } = config.discovery;
  const discovery =
    baseUrl === undefined
      ? undefined
      : createDiscoveryClient({
          baseUrl,
          timeouts: config.timeouts,
          workerJwt: client.workerJwt,
          logger,
          clock,
          onCall: (record) => events.upstreamCalled(record),
          onBreaker,
        });
  const programs = createProgramService({
    orm,
    discovery: discovery && createDiscoveryReads(discovery),
    programTypes,
    maxAgeMs,
    audit,
    clock,
    logger: logger.child({ part: 'programs' }),
  });
  return {
    discovery,
    services: {
      programs,
      programLearners: createProgramLearners({
        em: orm.em,
        reads: createProgramEnrollmentReads(client),
        describe: programs.describe,
        clock,
        logger: logger.child({ part: 'programs' }),
      }),
      programEnrollments: createProgramEnrollments({ em: orm.em }),
      learnerLinks: createLearnerLinks({ em: orm.em }),
      learnerTies: createLearnerTies({ orm, lms: createLearnerLinkWrites(client), audit, clock }),
    },
  };
}
