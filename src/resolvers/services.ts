import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { UpstreamStatus } from '../datasources/upstream/status.js';
import type { AccountService } from '../services/account/account.service.js';
import type { AccountLifecycleService } from '../services/account/account-lifecycle.service.js';
import type { IdentityProof } from '../services/account/identity-proof.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { CourseEmailService } from '../services/course-emails/course-email.service.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { DataExportService } from '../services/data-export/data-export.service.js';
import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EmailChangeService } from '../services/email-change/email-change.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { EnrollmentRetries } from '../services/enrollment-retry/retries.service.js';
import type { GradeService } from '../services/grade/grade.service.js';
import type { IdentityProviders } from '../services/identity-provider/identity-providers.js';
import type { LearnerLinks } from '../services/learner-link/learner-links.js';
import type { LearnerTies } from '../services/learner-link/learner-ties.js';
import type { KeptAnswers } from '../services/learning-answers/kept-answers.js';
import type { OAuthClientService } from '../services/oauth-client/oauth-client.service.js';
import type { ProviderGrantService } from '../services/oauth-client/provider-grants.js';
import type { OperationService } from '../services/operation/operation.service.js';
import type { OperationFiles } from '../services/operation/operation-files.js';
import type { ParkedEvents } from '../services/parked-event/parked-event.service.js';
import type { PartnerGrantService } from '../services/partner-grant/partner-grant.service.js';
import type { ProgramPermissions } from '../services/partner-grant/program-permissions.js';
import type { PasswordResetService } from '../services/password/password-reset.service.js';
import type { ProgramLearners } from '../services/program/learners.js';
import type { ProgramService } from '../services/program/program.service.js';
import type { ProgramEnrollments } from '../services/program/program-enrollments.js';
import type { ProgramReports } from '../services/program-report/program-reports.js';
import type { ProgramWriteService } from '../services/program-write/program-write.service.js';
import type { DeletionRequestService } from '../services/retirement/deletion-request.service.js';
import type { RetirementService } from '../services/retirement/retirement.service.js';
import type { SecondFactorService } from '../services/second-factor/second-factor.service.js';
import type { SigningKeyService } from '../services/signing-key/signing-key.service.js';
import type { ThirdPartyMappings } from '../services/third-party-mapping/third-party-mapping.service.js';

/** What the graph asks of the rest of Portico. */
export interface GraphServices {
  accounts: Pick<
    AccountService,
    'findByIds' | 'findByUsername' | 'findByEmail' | 'search' | 'create' | 'updateProfile' | 'changePassword'
  >;
  accountLifecycle: AccountLifecycleService;
  emailChanges: Pick<EmailChangeService, 'begin' | 'confirmByCode' | 'replace'>;
  passwordResets: Pick<PasswordResetService, 'begin'>;
  secondFactors: Pick<SecondFactorService, 'listOf' | 'codesLeftOf' | 'removeAll'>;
  identityProof: Pick<IdentityProof, 'require' | 'isFresh'>;
  dataExports: Pick<DataExportService, 'request' | 'find'>;
  deletionRequests: Pick<DeletionRequestService, 'request' | 'cancel'>;
  retirements: Pick<RetirementService, 'retire' | 'findByAccountIds' | 'search' | 'steps'>;
  edxLinks: Pick<
    EdxLinkService,
    | 'findByIds'
    | 'findByAccountIds'
    | 'findByEdxUsername'
    | 'findByEdxUsernames'
    | 'findByRemoteId'
    | 'search'
    | 'history'
    | 'ensure'
    | 'repair'
    | 'resolve'
    | 'unlink'
    | 'requestPush'
  >;
  edxApiTokens: Pick<EdxApiTokenService, 'requestRefresh'>;
  enrollments: Pick<
    EnrollmentService,
    'findByIds' | 'ofAccounts' | 'list' | 'history' | 'recordSeen' | 'request' | 'unenroll' | 'changeMode'
  >;
  enrollmentRetries: Pick<EnrollmentRetries, 'requireScope' | 'reset'>;
  courseEmails: Pick<CourseEmailService, 'set'>;
  enrollmentMoves: Pick<EnrollmentMoveService, 'defer' | 'transfer' | 'refund' | 'findByIds' | 'ofEnrollments'>;
  courseRuns: Pick<CourseRunService, 'findByKeys' | 'findByCourses' | 'list' | 'hasCurrentModes'>;
  grades: Pick<GradeService, 'find' | 'changedSince' | 'certificatesOf'>;
  oauthClients: Omit<OAuthClientService, 'ensure' | 'findByClientId'>;
  programWrites: ProgramWriteService;
  operationFiles: Pick<OperationFiles, 'find' | 'link'>;
  parkedEvents: Pick<ParkedEvents, 'list' | 'replay'>;
  operations: Omit<OperationService, 'run' | 'follow' | 'resumeForgotten'>;
  signingKeys: Pick<SigningKeyService, 'list' | 'rotate'>;
  audit: Pick<AuditService, 'findByIds' | 'list'>;
  identityProviders: Pick<IdentityProviders, 'list' | 'ensure' | 'remove' | 'callbackUrlOf'>;
  providerGrants: Omit<ProviderGrantService, 'isGranted'>;
  partnerGrants: Omit<PartnerGrantService, 'isGranted'>;
  thirdPartyMappings: ThirdPartyMappings;
  programs: ProgramService;
  programEnrollments: ProgramEnrollments;
  programLearners: ProgramLearners;
  programReports: Pick<ProgramReports, 'list' | 'link'>;
  learnerTies: LearnerTies;
  programPermissions: ProgramPermissions;
  learnerLinks: LearnerLinks;
  signIn: Pick<SignIn, 'list' | 'revoke' | 'revokeAll'>;
  clientGrants: Pick<ClientGrants, 'list' | 'revoke'>;
  /** What is kept of the LMS's answers. */
  learningAnswers: Pick<KeptAnswers, 'foresee'>;
  /** How each upstream is doing. */
  upstreamStatuses(): UpstreamStatus[];
}
