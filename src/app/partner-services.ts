import type { MikroORM } from '@mikro-orm/postgresql';
import type { LmsTokens } from '../access/lms-tokens.js';
import type { ChangeFeed } from '../changes/change-feed.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import { createLmsJwtVerifier } from '../datasources/lms/published-keys.js';
import type { RecentAccounts } from '../services/account/recent-accounts.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import { createLmsTokens } from '../services/lms-token/lms-token.service.js';
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
  /** Undefined: the LMS's own tokens are not taken. */
  lmsTokens: LmsTokens | undefined;
}

/** Builds them; part of the composition root. */
export function createPartnerServices({
  config,
  orm,
  api,
  audit,
  changes,
  mail,
  edxLinks,
  accounts,
  secrets,
  clock,
}: {
  config: Pick<Config, 'lms' | 'site' | 'http' | 'tokens'>;
  secrets: Secrets;
  orm: MikroORM;
  api: LmsApi;
  audit: AuditService;
  changes: ChangeFeed;
  mail: MailService;
  edxLinks: EdxLinkService;
  accounts: RecentAccounts;
  clock: Clock;
}): PartnerServices {
  const { issuer, audience, jwksUrl } = config.tokens.lms;
  const providerGrants = createProviderGrantService({ orm, audit });
  return {
    providerGrants,
    lmsTokens:
      audience === undefined
        ? undefined
        : createLmsTokens({
            verifier: createLmsJwtVerifier({ jwksUrl, issuer, audience, secret: secrets.lmsJwtSecret }, { clock }),
            issuer,
            edxLinks,
            accounts,
          }),
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
