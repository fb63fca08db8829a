import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { Config } from '../config/config.js';
import type { AccountService } from '../services/account/account.service.js';
import type { IdentityProof } from '../services/account/identity-proof.js';
import type { Actor } from '../services/actor.js';
import type { DataExportService } from '../services/data-export/data-export.service.js';
import type { EmailChangeService } from '../services/email-change/email-change.service.js';
import type { IdentityProviders } from '../services/identity-provider/identity-providers.js';
import type { IdentitySignIns } from '../services/identity-provider/identity-sign-ins.js';
import type { LinkedIdentities } from '../services/identity-provider/linked-identities.js';
import type { OperationService } from '../services/operation/operation.service.js';
import type { OperationFiles } from '../services/operation/operation-files.js';
import type { ProgramPermissions } from '../services/partner-grant/program-permissions.js';
import type { PasskeyService } from '../services/passkey/passkey.service.js';
import type { PasswordResetService } from '../services/password/password-reset.service.js';
import type { ProgramService } from '../services/program/program.service.js';
import type { ProgramReports } from '../services/program-report/program-reports.js';
import type { ProgramWriteService } from '../services/program-write/program-write.service.js';
import type { RegistrationService } from '../services/registration/registration.service.js';
import type { DeletionRequestService } from '../services/retirement/deletion-request.service.js';
import type { SecondFactorService } from '../services/second-factor/second-factor.service.js';

import type { UploadService } from '../services/upload/upload.service.js';

import type { ShownApi } from '../web/api-docs.page.js';

/** What pages show of the tie between an account and its LMS user. */
export interface EdxLinkSummary {
  state: string;
  edxUsername?: string | null | undefined;
  lastError?: { message: string } | null | undefined;
}

/** What the pages for partner schools are given. */
export interface PartnerPageServices {
  programs: Pick<ProgramService, 'list' | 'findByKey' | 'describe' | 'findOrganizations'>;
  permissions: Pick<ProgramPermissions, 'of' | 'require'>;
  programWrites: Pick<ProgramWriteService, 'requireProgram' | 'upload'>;
  operations: Pick<OperationService, 'begin' | 'cancel' | 'retry' | 'findByIds' | 'list' | 'rows'>;
  files: Pick<OperationFiles, 'find' | 'link'>;
  uploads: Pick<UploadService, 'receive' | 'remove'>;
  reports: Pick<ProgramReports, 'list' | 'address'>;
}

/** What the pages are given. */
export interface PageDeps {
  config: Pick<Config, 'http' | 'lms' | 'site' | 'leaving'>;
  /** Of the REST API. */
  apiDocument: ShownApi;
  signIn: SignIn;
  clientGrants: Pick<ClientGrants, 'list' | 'revoke'>;
  accounts: AccountService;
  registrations: RegistrationService;
  passwordResets: PasswordResetService;
  emailChanges: EmailChangeService;
  secondFactors: SecondFactorService;
  passkeys: PasskeyService;
  identityProof: IdentityProof;
  dataExports: Pick<DataExportService, 'request' | 'find' | 'open'>;
  deletionRequests: DeletionRequestService;
  identityProviders: Pick<IdentityProviders, 'listEnabled'>;
  identitySignIns: IdentitySignIns;
  linkedIdentities: LinkedIdentities;
  /** Left out where there are no programs: then there are no pages for partners. */
  partner?: PartnerPageServices;
  edxLinks: {
    find(accountId: string): Promise<EdxLinkSummary | undefined>;
    ensure(accountId: string, actor: Actor): Promise<unknown>;
  };
}
