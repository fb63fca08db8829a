import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import { createDiscoveryClient, type DiscoveryClient } from '../datasources/discovery/discovery-client.js';
import { createDiscoveryReads } from '../datasources/discovery/programs.js';
import type { LmsClient } from '../datasources/lms/lms-client.js';
import { createLmsEnrollmentStore } from '../datasources/program/lms-enrollment-store.js';
import { createProgramEnrollmentReads, type ProgramEnrollmentReads } from '../datasources/program/read-enrollments.js';
import {
  createProgramEnrollmentWrites,
  type ProgramEnrollmentWrites,
} from '../datasources/program/write-program-enrollments.js';
import { createRegistrarEnrollmentStore } from '../datasources/registrar/enrollment-store.js';
import { readHeartbeat } from '../datasources/registrar/heartbeat.js';
import { createRegistrarPrograms } from '../datasources/registrar/programs.js';
import { createRegistrarReads } from '../datasources/registrar/read-enrollments.js';
import { createRegistrarClient, type RegistrarClient } from '../datasources/registrar/registrar-client.js';
import type { CallRecord } from '../datasources/upstream/call.js';
import type { UpstreamStatus } from '../datasources/upstream/status.js';
import type { Logger } from '../logger.js';
import { createDiscoverySource } from '../services/program/discovery-source.js';
import { createRegistrarSource } from '../services/program/registrar-source.js';
import type { ProgramSource } from '../services/program/source.js';

/** Where programs and the enrollments in them are read and written. */
export interface ProgramUpstream {
  /** What is called, where there is anything beside the LMS. */
  client: DiscoveryClient | RegistrarClient | undefined;
  source: ProgramSource;
  reads: ProgramEnrollmentReads;
  writes: ProgramEnrollmentWrites;
  /** Whether it is well, by name; of what the LMS's own heartbeat does not tell. */
  heartbeats: Record<string, () => Promise<void>>;
}

/** Chooses it, once: the Registrar that is configured, or else Discovery, where there is one, and the LMS. */
export function createProgramUpstream({
  config,
  em,
  client: lms,
  onCall,
  onBreaker,
  clock,
  logger,
}: {
  config: Pick<Config, 'discovery' | 'registrar' | 'timeouts'>;
  em: EntityManager;
  client: Pick<LmsClient, 'request' | 'workerJwt'>;
  onCall: (record: CallRecord) => void;
  onBreaker: (status: UpstreamStatus) => void;
  clock: Clock;
  logger: Logger;
}): ProgramUpstream {
  const { timeouts } = config;
  const calling = { timeouts, workerJwt: lms.workerJwt, logger, clock, onCall, onBreaker };
  const source = { em, clock, logger: logger.child({ part: 'programs' }) };
  if (config.registrar) {
    const client = createRegistrarClient({ config: config.registrar, ...calling });
    const reads = createRegistrarReads(client);
    return {
      client,
      source: createRegistrarSource({ ...source, timeouts, registrar: createRegistrarPrograms(client) }),
      reads,
      writes: createProgramEnrollmentWrites(createRegistrarEnrollmentStore(client, reads)),
      heartbeats: { registrar: () => readHeartbeat(client, { purpose: 'schedule' }) },
    };
  }
  const { baseUrl, programTypes } = config.discovery;
  const client = baseUrl === undefined ? undefined : createDiscoveryClient({ baseUrl, ...calling });
  return {
    client,
    source: createDiscoverySource({ ...source, discovery: client && createDiscoveryReads(client), programTypes }),
    reads: createProgramEnrollmentReads(lms),
    writes: createProgramEnrollmentWrites(createLmsEnrollmentStore(lms)),
    heartbeats: {},
  };
}
