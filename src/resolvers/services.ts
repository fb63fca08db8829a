import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { LmsEnrollment } from '../datasources/lms/enrollments.js';
import type { UpstreamStatus } from '../datasources/upstream/status.js';
import type { AuditEvent } from '../entities/audit-event.entity.js';
import type { CourseRun } from '../entities/course-run.entity.js';
import type { EdxLink, EdxLinkEvent, EdxLinkState } from '../entities/edx-link.entity.js';
import type { Enrollment, EnrollmentEvent, EnrollmentState } from '../entities/enrollment.entity.js';
import type {
  ClientType,
  GrantType,
  OAuthClient,
  OAuthClientSecret,
  TokenFormat,
} from '../entities/oauth-client.entity.js';
import type { AccountService } from '../services/account.service.js';
import type { Actor } from '../services/actor.js';
import type { Page, PageRequest } from '../services/keyset.js';

export interface SeenEnrollments {
  accountId: string;
  lmsUsername: string;
  rows: readonly LmsEnrollment[];
  asOf: Date;
}

export interface EnrollmentRequest {
  accountId: string;
  courseKey: string;
  mode?: string;
  force?: boolean;
  idempotencyKey?: string;
}

export interface GraphServices {
  lmsStatus(): UpstreamStatus;
  accounts: Pick<AccountService, 'findByIds' | 'findByUsername' | 'findByEmail' | 'search' | 'updateProfile'>;
  edxLinks: {
    findByIds(ids: readonly string[]): Promise<EdxLink[]>;
    findByAccountIds(accountIds: readonly string[]): Promise<EdxLink[]>;
    findByEdxUsername(username: string): Promise<EdxLink | null>;
    findByRemoteId(remoteId: string): Promise<EdxLink | null>;
    search(filter: { states?: EdxLinkState[] }, page: PageRequest): Promise<Page<EdxLink>>;
    history(linkIds: readonly string[]): Promise<EdxLinkEvent[]>;
    ensure(accountId: string, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<EdxLink>;
    repair(accountId: string, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<EdxLink>;
  };
  enrollments: {
    findByIds(ids: readonly string[]): Promise<Enrollment[]>;
    list(
      filter: { accountId?: string; courseKeys?: string[]; states?: EnrollmentState[] },
      page: PageRequest,
    ): Promise<Page<Enrollment>>;
    history(enrollmentIds: readonly string[]): Promise<EnrollmentEvent[]>;
    ofAccounts(accountIds: readonly string[]): Promise<Enrollment[]>;
    recordSeen(seen: readonly SeenEnrollments[]): Promise<Enrollment[]>;
    request(input: EnrollmentRequest, actor: Actor): Promise<Enrollment>;
    unenroll(input: EnrollmentRequest, actor: Actor): Promise<Enrollment>;
    changeMode(input: EnrollmentRequest & { mode: string }, actor: Actor): Promise<Enrollment>;
  };
  courseRuns: {
    findByKeys(courseKeys: readonly string[]): Promise<CourseRun[]>;
    list(filter: { text?: string; org?: string; withHidden?: boolean }, page: PageRequest): Promise<Page<CourseRun>>;
  };
  oauthClients: {
    findByIds(ids: readonly string[]): Promise<OAuthClient[]>;
    findByClientIds(clientIds: readonly string[]): Promise<OAuthClient[]>;
    list(page: PageRequest): Promise<Page<OAuthClient>>;
    secretsOf(clientRowIds: readonly string[]): Promise<OAuthClientSecret[]>;
    create(
      input: {
        name: string;
        type: ClientType;
        grantTypes: GrantType[];
        redirectUris?: string[];
        scopes?: string[];
        ownerId?: string;
        skipConsent?: boolean;
        requirePkce?: boolean;
        allowRedirectState?: boolean;
        tokenFormat?: TokenFormat;
      },
      actor: Actor,
    ): Promise<{ client: OAuthClient; secret?: string }>;
    rotateSecret(clientId: string, actor: Actor): Promise<{ client: OAuthClient; secret: string }>;
  };
  audit: {
    findByIds(ids: readonly string[]): Promise<AuditEvent[]>;
    list(filter: { subjectId?: string }, page: PageRequest): Promise<Page<AuditEvent>>;
  };
  signIn: Pick<SignIn, 'list'>;
  clientGrants: Pick<ClientGrants, 'list'>;
}
