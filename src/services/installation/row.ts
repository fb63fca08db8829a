import type { ClientGrants } from '../../access/client-grants.js';
import type { AccountService } from '../account/account.service.js';
import type { AccountLifecycleService } from '../account/account-lifecycle.service.js';
import type { Actor } from '../actor.js';
import type { IdentityProviders } from '../identity-provider/identity-providers.js';
import type { OAuthClientService } from '../oauth-client/oauth-client.service.js';
import type { ProviderGrantService } from '../oauth-client/provider-grants.js';
import type { PartnerGrantService } from '../partner-grant/partner-grant.service.js';
import type { PasswordPolicy } from '../password/policy.js';
import type { EnsuredOrganization, OrganizationSpec } from '../program/ensure-organization.js';
import type { ProgramService } from '../program/program.service.js';

/** The services that rows are applied by. */
export interface InstallationDeps {
  accounts: Pick<AccountService, 'create' | 'findByUsername' | 'findByEmail' | 'updateProfile'>;
  accountLifecycle: Pick<AccountLifecycleService, 'grantRole' | 'revokeRole'>;
  oauthClients: Pick<OAuthClientService, 'ensure' | 'findByClientId' | 'restrict' | 'unrestrict'>;
  clientGrants: Pick<ClientGrants, 'list' | 'allow'>;
  providerGrants: Pick<ProviderGrantService, 'ofClient' | 'set'>;
  partnerGrants: Pick<PartnerGrantService, 'grant' | 'isGranted' | 'hasTarget'>;
  programs: Pick<ProgramService, 'findByKey' | 'findOrganization' | 'link'>;
  identityProviders: Pick<IdentityProviders, 'ensure'>;
  ensureOrganization(
    spec: OrganizationSpec,
    actor: Actor,
    options: { isDryRun: boolean },
  ): Promise<EnsuredOrganization>;
  passwordPolicy: PasswordPolicy;
}

/** What became of one row. */
export interface AppliedRow {
  kind: 'account' | 'client' | 'grant' | 'organization' | 'program' | 'partner grant' | 'identity provider';
  name: string;
  outcome: 'created' | 'updated' | 'unchanged';
  /** Names of what was different; never values, of which some are secret. */
  changed: string[];
}

/** Whether a row is only looked at. */
export interface ApplyMode {
  isDryRun: boolean;
  /** What the document makes, and what therefore need not be there while it is only looked at. */
  announced: {
    usernames: ReadonlySet<string>;
    clientScopes: ReadonlyMap<string, readonly string[]>;
    /** In lower case. */
    organizationKeys: ReadonlySet<string>;
    /** In lower case. */
    programKeys: ReadonlySet<string>;
  };
}
