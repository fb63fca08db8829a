// The rows of the sandbox LMS's tables: a list of types, one for each thing that an LMS keeps.

/** Instants are ISO 8601 in UTC, as the LMS prints them: `2026-01-31T09:00:00Z`, microseconds only when they are not zero. */
export type Instant = string;

export interface LmsUser {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  /** `null` is an unusable password: single sign-on answers 403 and a Bearer of this user is refused. */
  readonly passwordHash: string | null;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly dateJoined: Instant;
  readonly lastLogin: Instant | null;
  readonly activationKey: string | null;
  /** Service users often have no profile row; every field of the account API that comes from it is then null. */
  readonly profile: LmsProfile | null;
  /** Made for an LTI launch: nobody signs in to it. */
  readonly isMadeByLti?: boolean;
}

export interface LmsProfile {
  readonly name: string;
  readonly yearOfBirth: number | null;
  readonly country: string | null;
  readonly state: string | null;
  readonly city: string | null;
  readonly gender: string | null;
  readonly goals: string | null;
  readonly bio: string | null;
  readonly levelOfEducation: string | null;
  readonly mailingAddress: string | null;
  readonly phoneNumber: string | null;
  readonly accountPrivacy: string | null;
  readonly languageProficiencies: readonly { readonly code: string }[];
  readonly socialLinks: readonly { readonly platform: string; readonly social_link: string }[];
}

/** One row of the social-auth table: `uid` is what the provider called the person when the link was made. */
export interface SocialLink {
  readonly id: number;
  readonly username: string;
  /** Backend name, `ol-oauth2`. */
  readonly backend: string;
  readonly uid: string;
}

export type GrantType = 'authorization-code' | 'client-credentials' | 'password' | 'implicit';

/** An OAuth application of the LMS, with its access row. Secrets are kept and compared in clear text, as the LMS does. */
export interface OAuthApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly type: 'confidential' | 'public';
  readonly grant: GrantType;
  readonly redirectUris: readonly string[];
  readonly skipAuthorization: boolean;
  /** Username of the owner; client-credentials tokens act as this user. */
  readonly owner: string;
  readonly restricted: boolean;
  /** Scopes beside the default set; `null` when there is no access row. */
  readonly scopes: readonly string[] | null;
  readonly filters: readonly string[];
}

export interface AccessToken {
  readonly token: string;
  readonly clientId: string;
  readonly username: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export interface RefreshToken {
  readonly token: string;
  readonly clientId: string;
  readonly username: string;
  readonly scopes: readonly string[];
  readonly accessToken: string;
}

export interface AuthorizationCode {
  readonly code: string;
  readonly clientId: string;
  readonly username: string;
  readonly redirectUri: string;
  /** Whether the authorization request named the redirect URI; then the token request must too. */
  readonly redirectUriSent: boolean;
  readonly scopes: readonly string[];
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: 'plain' | 'S256';
  readonly expiresAt: Instant;
}

/** What the browser's `sessionid` stands for. */
export interface LmsSession {
  readonly id: string;
  readonly username: string | null;
  readonly expiresAt: Instant;
  readonly social: SocialFlow | null;
  /** One-time message of a failed sign-in, shown on the next page. */
  readonly message: string | null;
}

/** A single sign-on under way: kept in the session between the hops. */
export interface SocialFlow {
  /** The `state` of the authorization request; one session keeps it for all its attempts. */
  readonly state: string;
  readonly startedAt: Instant;
  readonly authEntry: string | null;
  readonly next: string | null;
  /** After the provider answered: who it is, waiting for the second hop or for the registration form. */
  readonly pending: PendingIdentity | null;
}

/** Whom the provider named. */
export interface PendingIdentity {
  readonly uid: string;
  readonly email: string;
  readonly name: string;
  /** The LMS user that this is; null when nobody matches and a form must be filled in. */
  readonly username: string | null;
}

export interface CourseMode {
  readonly slug: string;
  readonly name: string;
  readonly minPrice: number;
  readonly currency: string;
  readonly expiresAt: Instant | null;
  readonly description: string | null;
  readonly sku: string | null;
  readonly bulkSku: string | null;
}

export interface CourseRun {
  readonly courseKey: string;
  readonly displayName: string;
  readonly org: string;
  readonly number: string;
  readonly start: Instant | null;
  readonly end: Instant | null;
  readonly enrollmentStart: Instant | null;
  readonly enrollmentEnd: Instant | null;
  readonly selfPaced: boolean;
  readonly invitationOnly: boolean;
  /** Capacity of active enrollments; `null` is unlimited. */
  readonly maxEnrollments: number | null;
  readonly catalogVisibility: 'both' | 'about' | 'none';
  readonly shortDescription: string | null;
  readonly effort: string | null;
  readonly mobileAvailable: boolean;
  /** Without rows the LMS reports one synthetic `audit` mode. */
  readonly modes: readonly CourseMode[];
  /** Letter → lowest percent (0..1), highest first. */
  readonly gradeCutoffs: Readonly<Record<string, number>>;
}

export interface EnrollmentAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** Key of the table: `enrollmentKey`. The username is the stored spelling. */
export interface Enrollment {
  readonly id: number;
  readonly username: string;
  readonly courseKey: string;
  readonly mode: string;
  readonly isActive: boolean;
  readonly created: Instant;
  readonly attributes: readonly EnrollmentAttribute[];
}

/** Key of the table: `enrollmentKey`. */
export interface Grade {
  readonly username: string;
  readonly courseKey: string;
  /** 0..1 */
  readonly percent: number;
  readonly letterGrade: string | null;
  readonly passed: boolean;
  /** What the learner's scores come to, 0..1; null when the grade was written without any, and computing it anew makes it 0. */
  readonly scorePercent: number | null;
  /** Why the LMS cannot compute it: the program grades say so in the learner's row. */
  readonly error?: string;
}

/** An instructor's word against the scores of one section. Key of the table: `username usageKey`, lower-cased. */
export interface ScoreOverride {
  readonly username: string;
  readonly usageKey: string;
  readonly earnedAll: number | null;
  readonly possibleAll: number | null;
  readonly earnedGraded: number | null;
  readonly possibleGraded: number | null;
  readonly comment: string | null;
  readonly at: Instant;
}

/** Key of the table: `username usageKey`, lower-cased. */
/** A learner who does not want the mails of a course. */
export interface EmailOptout {
  readonly username: string;
  readonly courseKey: string;
}

export interface BlockCompletion {
  readonly username: string;
  readonly usageKey: string;
  /** 0..1 */
  readonly value: number;
}

/** Key of the table: `enrollmentKey`. */
export interface Certificate {
  readonly username: string;
  readonly courseKey: string;
  readonly status: string;
  readonly mode: string;
  /** As the LMS stores it: a string such as `0.92`, empty when unknown. */
  readonly grade: string;
  readonly verifyUuid: string;
  readonly created: Instant;
  readonly modified: Instant;
}

/** A course-level or organization-wide role (`courseKey` null). */
export interface CourseRole {
  readonly username: string;
  readonly org: string;
  readonly courseKey: string | null;
  readonly role: string;
}

/** Key of the table: `email courseKey`, both lower-cased. */
export interface EnrollmentAllowed {
  readonly email: string;
  readonly courseKey: string;
  readonly autoEnroll: boolean;
  readonly userId: number | null;
  readonly created: Instant;
}

/** Key of the table: `courseKey name`. */
export interface Cohort {
  readonly id: number;
  readonly courseKey: string;
  readonly name: string;
  readonly assignmentType: 'manual' | 'random';
  readonly usernames: readonly string[];
}

/** Key of the table: the course key. */
export interface CohortSettings {
  readonly id: number;
  readonly courseKey: string;
  readonly isCohorted: boolean;
}

export interface RetirementRequest {
  readonly id: number;
  readonly username: string;
  readonly originalUsername: string;
  readonly originalEmail: string;
  readonly originalName: string;
  readonly retiredUsername: string;
  readonly retiredEmail: string;
  readonly currentState: string;
  readonly lastState: string;
  readonly responses: readonly string[];
  readonly created: Instant;
  readonly modified: Instant;
}

export interface CapturedMail {
  readonly at: Instant;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type FaultMode =
  | 'down'
  | 'refused'
  | 'slow'
  | 'hang'
  | 'reset'
  | 'html500'
  | 'throttle'
  | 'forbidden'
  | 'truncate'
  | 'wrong-json'
  | 'wrong-types'
  | 'foreign-next'
  | 'endless'
  | 'stale'
  | 'lost-answer'
  | 'costs';

/** What a test does itself: it lets go of the calls that it holds, and words the answer. */
export type ScriptedMode = 'hold' | 'answer';

export interface Fault {
  /** Path glob: `*` is any run of characters, slashes included. */
  readonly match: string;
  readonly method: string | null;
  readonly mode: FaultMode | ScriptedMode;
  /** How many calls it still meets; `null` is all. */
  readonly times: number | null;
  readonly ms: number | null;
  /** What `answer` answers: a status, and JSON that is left out for an empty body. */
  readonly status?: number;
  readonly body?: unknown;
}

export const MISCONFIGURATIONS = [
  'wrong-site',
  'missing-backend',
  'secret-mismatch',
  'redirect-mismatch',
  'worker-not-staff',
  'token-expired',
  'host-mismatch',
  'third-party-auth-required',
  'registration-closed',
  'clock-skew',
  'throttled',
  'wrong-slug',
] as const;
export type Misconfiguration = (typeof MISCONFIGURATIONS)[number];

export interface LmsSettings {
  /** POSTs of registration per address and 7 days. */
  readonly registrationLimit: number;
  /** Calls of the token endpoint per address and minute. */
  readonly tokenLimit: number;
  /** Whether the shared throttles of the enrollment and course APIs are on. */
  readonly throttles: boolean;
  /** Behaves like a release before the newer routes and list filters existed. */
  readonly oldRelease: boolean;
  /** Whether course runs have the learning front end's progress page: a course flag, off as delivered. */
  readonly progressPages: boolean;
  /** Whether an operator switched the flag of the writable gradebook off, which is on as delivered. */
  readonly gradebookOff: boolean;
  /** Host (with port) that absolute links carry instead of the request's own. */
  readonly nextHost: string | null;
  /** Whether the LMS's cache of programs is filled; without it no program exists for the LMS. On unless it says false. */
  readonly programCache?: boolean;
  /** `ENABLE_ENROLLMENT_RESET`. */
  readonly enrollmentReset?: boolean;
  /** Hosts of Discovery that belong to a partner other than the first: host name → partner's short code. */
  readonly partnerHosts?: Readonly<Record<string, string>>;
  readonly misconfigured: readonly Misconfiguration[];
  /** When `token-expired` was switched on: tokens issued before it count as expired. */
  readonly tokensExpireBefore: Instant | null;
}

export interface ProviderEndpoints {
  readonly authorizationUrl: string;
  readonly accessTokenUrl: string;
  /** Base of `api/users/me`. */
  readonly apiRoot: string;
}

/** Site settings beside those that follow from Portico's URL. */
export interface SiteSettings {
  readonly platformName: string;
  /** `IDA_LOGOUT_URI_LIST` beside Portico's `/logout`. */
  readonly logoutUris: readonly string[];
  /** `LOGIN_REDIRECT_WHITELIST` beside Portico's host: `host[:port]`. */
  readonly redirectHosts: readonly string[];
  /** Username of the one who runs retirements. */
  readonly retirementWorker: string;
  /** `ENABLE_BULK_USER_RETIREMENT`; on unless it says false. */
  readonly hasBulkRetirement?: boolean;
}

/** The row of `OAuth2ProviderConfig` that makes the LMS a client of Portico. */
export interface ProviderConfig {
  readonly backend: string;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the provider is; `null` follows the Portico that the sandbox was started for. */
  readonly endpoints: ProviderEndpoints | null;
  readonly skipEmailVerification: boolean;
  readonly sendToRegistrationFirst: boolean;
  readonly syncLearnerProfileData: boolean;
  readonly enabled: boolean;
}

export interface RequestLogEntry {
  readonly seq: number;
  readonly at: Instant;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** `none`, `session`, `bearer:<username>`, `jwt:<username>` or `key`. */
  readonly auth: string;
  /** What the caller said in `X-Portico-Purpose`; empty when it said nothing. */
  readonly purpose: string;
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly ms: number;
  /** How many members the body had, where that is a JSON array: rows that somebody writes. */
  readonly rows?: number;
}
