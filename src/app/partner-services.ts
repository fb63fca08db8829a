import type { MikroORM } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../changes/change-feed.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { MailService } from '../services/mail/mail.service.js';
import { createProviderGrantService, type ProviderGrantService } from '../services/oauth-client/provider-grants.js';
import {
  createPartnerGrantService,
  type PartnerGrantService,
} from '../services/partner-grant/partner-grant.service.js';
import { createProgramPermissions, type ProgramPermissions } from '../services/partner-grant/program-permissions.js';
import {
  createThirdPartyMappings,
  type ThirdPartyMappings,
} from '../services/third-party-mapping/third-party-mapping.service.js';

/** What partner schools may, and what is made for them. */
export interface PartnerServices {
  providerGrants: ProviderGrantService;
  thirdPartyMappings: ThirdPartyMappings;
  programPermissions: ProgramPermissions;
  partnerGrants: PartnerGrantService;
}

/** Builds them; part of the composition root. */
export function createPartnerServices({
  config,
  orm,
  api,
  audit,
  changes,
  mail,
  clock,
}: {
  config: Pick<Config, 'lms' | 'site' | 'http'>;
  orm: MikroORM;
  api: LmsApi;
  audit: AuditService;
  changes: ChangeFeed;
  mail: MailService;
  clock: Clock;
}): PartnerServices {
  const providerGrants = createProviderGrantService({ orm, audit });
  return {
    providerGrants,
    partnerGrants: createPartnerGrantService({
      orm,
      clock,
      audit,
      changes,
      mail,
      site: config.site,
      publicUrl: config.http.publicUrl,
    }),
    programPermissions: createProgramPermissions({ em: orm.em }),
    thirdPartyMappings: createThirdPartyMappings({
      em: orm.em,
      api,
      ownProviderId: `oa2-${config.lms.backend}`,
      grants: providerGrants,
    }),
  };
}
