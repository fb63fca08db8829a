import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LearnerLinkWrites } from '../../datasources/program/link-learner.js';
import type { AuditService } from '../audit/audit.service.js';
import type { ProgramSource } from '../program/source.js';

/** A learner of an organization, by its own key for them, in any letter case. */
export interface LearnerKey {
  organizationId: string;
  externalKey: string;
}

/** What it takes to say who a learner is. */
export interface LearnerTieDeps {
  orm: MikroORM;
  lms: LearnerLinkWrites;
  source: Pick<ProgramSource, 'isTied'>;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
}
