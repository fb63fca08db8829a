import type { MikroORM } from '@mikro-orm/postgresql';
import type { Config } from '../config/config.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createProviderGrantService, type ProviderGrantService } from '../services/oauth-client/provider-grants.js';
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
}

/** Builds them; part of the composition root. */
export function createPartnerServices({
  config,
  orm,
  api,
  audit,
}: {
  config: Pick<Config, 'lms'>;
  orm: MikroORM;
  api: LmsApi;
  audit: AuditService;
}): PartnerServices {
  const providerGrants = createProviderGrantService({ orm, audit });
  return {
    providerGrants,
    programPermissions: createProgramPermissions({ em: orm.em }),
    thirdPartyMappings: createThirdPartyMappings({
      em: orm.em,
      api,
      ownProviderId: `oa2-${config.lms.backend}`,
      grants: providerGrants,
    }),
  };
}
