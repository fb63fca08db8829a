import { Store } from '../journal/store.js';
import type { Index, Table } from '../journal/table.js';

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

/** Key of the table: {@link enrollmentKey}. The username is the stored spelling. */
export interface Enrollment {
  readonly id: number;
  readonly username: string;
  readonly courseKey: string;
  readonly mode: string;
  readonly isActive: boolean;
  readonly created: Instant;
  readonly attributes: readonly EnrollmentAttribute[];
}

/** Key of the table: {@link enrollmentKey}. */
export interface Grade {
  readonly username: string;
  readonly courseKey: string;
  /** 0..1 */
  readonly percent: number;
  readonly letterGrade: string | null;
  readonly passed: boolean;
  /** What the learner's scores come to, 0..1; null when the grade was written without any, and computing it anew makes it 0. */
  readonly scorePercent: number | null;
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
export interface BlockCompletion {
  readonly username: string;
  readonly usageKey: string;
  /** 0..1 */
  readonly value: number;
}

/** A program as the LMS's cache holds it. Key of the table: its UUID. */
export interface Program {
  readonly uuid: string;
  readonly slug: string;
  readonly title: string;
  readonly org: string;
  /** `masters`, `micromasters`, … */
  readonly type: string;
  readonly curriculumUuid: string;
  readonly courseKeys: readonly string[];
}

/** Key of the table: `programUuid studentKey`, lower-cased. */
export interface ProgramEnrollment {
  readonly id: number;
  readonly programUuid: string;
  readonly curriculumUuid: string;
  readonly studentKey: string;
  readonly status: string;
  /** Null while nobody is linked to the key. */
  readonly username: string | null;
}

/** Key of the table: `programUuid courseKey studentKey`, lower-cased. */
export interface ProgramCourseEnrollment {
  readonly id: number;
  readonly programUuid: string;
  readonly courseKey: string;
  readonly studentKey: string;
  readonly status: string;
  readonly isCourseStaff: boolean;
}

/** Key of the table: {@link enrollmentKey}. */
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

export interface Fault {
  /** Path glob: `*` is any run of characters, slashes included. */
  readonly match: string;
  readonly method: string | null;
  readonly mode: FaultMode;
  /** How many calls it still meets; `null` is all. */
  readonly times: number | null;
  readonly ms: number | null;
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
  /** Host (with port) that absolute links carry instead of the request's own. */
  readonly nextHost: string | null;
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
}

/** Key of enrollments, grades and certificates: usernames are compared without regard to case, as MySQL does. */
export function enrollmentKey(username: string, courseKey: string): string {
  return `${username.toLowerCase()} ${courseKey.toLowerCase()}`;
}

/** Everything the LMS knows. All of it is journaled; nothing else in the sandbox outlives a request but throttle windows. */
export class LmsState {
  readonly #store: Store;
  readonly users: Table<LmsUser>;
  readonly usersByEmail: Index<LmsUser>;
  readonly usersById: Index<LmsUser>;
  readonly links: Table<SocialLink>;
  readonly linksByUsername: Index<SocialLink>;
  readonly applications: Table<OAuthApplication>;
  readonly accessTokens: Table<AccessToken>;
  readonly accessTokensByUsername: Index<AccessToken>;
  readonly refreshTokens: Table<RefreshToken>;
  readonly refreshTokensByUsername: Index<RefreshToken>;
  readonly codes: Table<AuthorizationCode>;
  readonly sessions: Table<LmsSession>;
  readonly courses: Table<CourseRun>;
  readonly enrollments: Table<Enrollment>;
  readonly enrollmentsByUsername: Index<Enrollment>;
  readonly enrollmentsByCourse: Index<Enrollment>;
  readonly grades: Table<Grade>;
  readonly gradesByCourse: Index<Grade>;
  readonly certificates: Table<Certificate>;
  readonly certificatesByUsername: Index<Certificate>;
  readonly courseRoles: Table<CourseRole>;
  readonly enrollmentAllowed: Table<EnrollmentAllowed>;
  readonly cohorts: Table<Cohort>;
  readonly cohortSettings: Table<CohortSettings>;
  readonly scoreOverrides: Table<ScoreOverride>;
  readonly completions: Table<BlockCompletion>;
  readonly programs: Table<Program>;
  readonly programEnrollments: Table<ProgramEnrollment>;
  readonly programEnrollmentsByProgram: Index<ProgramEnrollment>;
  readonly programCourseEnrollments: Table<ProgramCourseEnrollment>;
  readonly programCourseEnrollmentsByCourse: Index<ProgramCourseEnrollment>;
  readonly retirements: Table<RetirementRequest>;
  readonly mail: Table<CapturedMail>;
  readonly faults: Table<Fault>;
  readonly requests: Table<RequestLogEntry>;
  /** Single rows by name; read through the accessors below. */
  readonly #singles: Table<unknown>;

  /** @param directory - where the journal is kept; without it the state lives in memory only */
  constructor(directory?: string) {
    const store = new Store(directory);
    this.#store = store;
    this.users = store.table('users');
    this.usersByEmail = this.users.index((user) => [user.email.toLowerCase()]);
    this.usersById = this.users.index((user) => [String(user.id)]);
    this.links = store.table('links');
    this.linksByUsername = this.links.index((link) => [link.username.toLowerCase()]);
    this.applications = store.table('applications');
    this.accessTokens = store.table('accessTokens');
    this.accessTokensByUsername = this.accessTokens.index((token) => [token.username.toLowerCase()]);
    this.refreshTokens = store.table('refreshTokens');
    this.refreshTokensByUsername = this.refreshTokens.index((token) => [token.username.toLowerCase()]);
    this.codes = store.table('codes');
    this.sessions = store.table('sessions');
    this.courses = store.table('courses');
    this.enrollments = store.table('enrollments');
    this.enrollmentsByUsername = this.enrollments.index((row) => [row.username.toLowerCase()]);
    this.enrollmentsByCourse = this.enrollments.index((row) => [row.courseKey.toLowerCase()]);
    this.grades = store.table('grades');
    this.gradesByCourse = this.grades.index((row) => [row.courseKey.toLowerCase()]);
    this.certificates = store.table('certificates');
    this.certificatesByUsername = this.certificates.index((row) => [row.username.toLowerCase()]);
    this.courseRoles = store.table('courseRoles');
    this.enrollmentAllowed = store.table('enrollmentAllowed');
    this.cohorts = store.table('cohorts');
    this.cohortSettings = store.table('cohortSettings');
    this.scoreOverrides = store.table('scoreOverrides');
    this.completions = store.table('completions');
    this.programs = store.table('programs');
    this.programEnrollments = store.table('programEnrollments');
    this.programEnrollmentsByProgram = this.programEnrollments.index((row) => [row.programUuid]);
    this.programCourseEnrollments = store.table('programCourseEnrollments');
    this.programCourseEnrollmentsByCourse = this.programCourseEnrollments.index((row) => [
      `${row.programUuid} ${row.courseKey}`,
    ]);
    this.retirements = store.table('retirements');
    this.mail = store.table('mail');
    this.faults = store.table('faults');
    this.requests = store.table('requests');
    this.#singles = store.table('singles');
  }

  /** Reads the journal. @returns whether it held anything; when not, the caller fills in a population */
  open(): boolean {
    return this.#store.open() && this.users.size > 0;
  }

  /** Makes the changes of `work` one transaction; see {@link Store.atomically}. `work` must be synchronous. */
  atomically<R>(work: () => R): R {
    return this.#store.atomically(work);
  }

  close(): void {
    this.#store.close();
  }

  /** A user by name, in any letter case. */
  user(username: string): LmsUser | undefined {
    return this.users.get(username.toLowerCase());
  }

  putUser(user: LmsUser): void {
    this.users.set(user.username.toLowerCase(), user);
  }

  link(backend: string, uid: string): SocialLink | undefined {
    return this.links.get(`${backend} ${uid}`);
  }

  putLink(link: SocialLink): void {
    this.links.set(`${link.backend} ${link.uid}`, link);
  }

  deleteLink(link: SocialLink): void {
    this.links.delete(`${link.backend} ${link.uid}`);
  }

  course(courseKey: string): CourseRun | undefined {
    return this.courses.get(courseKey.toLowerCase());
  }

  putCourse(course: CourseRun): void {
    this.courses.set(course.courseKey.toLowerCase(), course);
  }

  enrollment(username: string, courseKey: string): Enrollment | undefined {
    return this.enrollments.get(enrollmentKey(username, courseKey));
  }

  putEnrollment(enrollment: Enrollment): void {
    this.enrollments.set(enrollmentKey(enrollment.username, enrollment.courseKey), enrollment);
  }

  grade(username: string, courseKey: string): Grade | undefined {
    return this.grades.get(enrollmentKey(username, courseKey));
  }

  putGrade(grade: Grade): void {
    this.grades.set(enrollmentKey(grade.username, grade.courseKey), grade);
  }

  certificate(username: string, courseKey: string): Certificate | undefined {
    return this.certificates.get(enrollmentKey(username, courseKey));
  }

  putCertificate(certificate: Certificate): void {
    this.certificates.set(enrollmentKey(certificate.username, certificate.courseKey), certificate);
  }

  get settings(): LmsSettings {
    return this.single<LmsSettings>('settings');
  }

  set settings(settings: LmsSettings) {
    this.#singles.set('settings', settings);
  }

  get provider(): ProviderConfig {
    return this.single<ProviderConfig>('provider');
  }

  set provider(provider: ProviderConfig) {
    this.#singles.set('provider', provider);
  }

  get site(): SiteSettings {
    return this.single<SiteSettings>('site');
  }

  set site(site: SiteSettings) {
    this.#singles.set('site', site);
  }

  /** A row that exists once, such as the signing keys. @throws Error when it was never set */
  single<T>(name: string): T {
    if (!this.#singles.has(name)) throw new Error(`The sandbox has no "${name}" yet.`);
    return this.#singles.get(name) as T;
  }

  hasSingle(name: string): boolean {
    return this.#singles.has(name);
  }

  putSingle<T>(name: string, value: T): void {
    this.#singles.set(name, value);
  }

  /** The next number of a sequence, from 1; ids are never given twice, also not after a restart. */
  nextId(sequence: string): number {
    const name = `sequence:${sequence}`;
    const next = (this.hasSingle(name) ? this.single<number>(name) : 0) + 1;
    this.#singles.set(name, next);
    return next;
  }

  /** Drops sessions and codes whose time is over. */
  forgetExpired(now: Date): void {
    const at = now.toISOString();
    this.atomically(() => {
      for (const [id, session] of [...this.sessions.entries()]) if (session.expiresAt <= at) this.sessions.delete(id);
      for (const [id, code] of [...this.codes.entries()]) if (code.expiresAt <= at) this.codes.delete(id);
    });
  }

  /** Makes a sequence go on behind `last`. */
  skipIds(sequence: string, last: number): void {
    if (last > 0) this.#singles.set(`sequence:${sequence}`, last);
  }

  /** Begins ids again at 1, for a population that replaces another one. */
  clearPopulationIds(): void {
    for (const sequence of [
      'user',
      'link',
      'enrollment',
      'retirement',
      'cohort',
      'programEnrollment',
      'programCourseEnrollment',
    ])
      this.#singles.delete(`sequence:${sequence}`);
  }

  /** Forgets everything but the request log and the signing keys. */
  reset(): void {
    this.clearPopulation();
    this.clearPopulationIds();
    this.mail.clear();
    this.faults.clear();
  }

  /** Forgets people, courses and what belongs to them; keeps mail, switches, the request log and the signing keys. */
  clearPopulation(): void {
    for (const table of [
      this.users,
      this.links,
      this.applications,
      this.accessTokens,
      this.refreshTokens,
      this.codes,
      this.sessions,
      this.courses,
      this.enrollments,
      this.grades,
      this.certificates,
      this.courseRoles,
      this.enrollmentAllowed,
      this.cohorts,
      this.cohortSettings,
      this.scoreOverrides,
      this.completions,
      this.programs,
      this.programEnrollments,
      this.programCourseEnrollments,
      this.retirements,
    ]) {
      table.clear();
    }
  }
}
