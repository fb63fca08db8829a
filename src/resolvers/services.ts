import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { UpstreamStatus } from '../datasources/upstream/status.js';
import type { AuditEvent } from '../entities/audit-event.entity.js';
import type {
  ClientType,
  GrantType,
  OAuthClient,
  OAuthClientSecret,
  TokenFormat,
} from '../entities/oauth-client.entity.js';
import type { AccountService } from '../services/account.service.js';
import type { Actor } from '../services/actor.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { Page, PageRequest } from '../services/keyset.js';

/** What the graph asks of the rest of Portico. */
export interface GraphServices {
  accounts: Pick<AccountService, 'findByIds' | 'findByUsername' | 'findByEmail' | 'search' | 'updateProfile'>;
  edxLinks: Pick<
    EdxLinkService,
    | 'findByIds'
    | 'findByAccountIds'
    | 'findByEdxUsername'
    | 'findByRemoteId'
    | 'search'
    | 'history'
    | 'ensure'
    | 'repair'
  >;
  enrollments: Pick<
    EnrollmentService,
    'findByIds' | 'ofAccounts' | 'list' | 'history' | 'recordSeen' | 'request' | 'unenroll' | 'changeMode'
  >;
  courseRuns: Pick<CourseRunService, 'findByKeys' | 'list'>;
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
  /** How each upstream is doing. */
  upstreamStatuses(): UpstreamStatus[];
}
