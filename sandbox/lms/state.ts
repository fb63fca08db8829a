import { CatalogTables } from '../catalog/catalog-tables.js';
import { Ordered } from '../journal/ordered.js';
import { Store } from '../journal/store.js';
import type { Index, Table } from '../journal/table.js';
import { compareInstants } from './instant.js';
import { ProgramTables } from './program-tables.js';
import type {
  AccessToken,
  AuthorizationCode,
  BlockCompletion,
  CapturedMail,
  Certificate,
  Cohort,
  CohortSettings,
  CourseRole,
  CourseRun,
  EmailOptout,
  Enrollment,
  EnrollmentAllowed,
  Fault,
  Grade,
  LmsSession,
  LmsSettings,
  LmsUser,
  OAuthApplication,
  ProviderConfig,
  RefreshToken,
  RequestLogEntry,
  RetirementRequest,
  ScoreOverride,
  SiteSettings,
  SocialLink,
} from './rows.js';

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
  readonly enrollmentsNewestFirst: Ordered<Enrollment>;
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
  readonly optouts: Table<EmailOptout>;
  readonly catalog: CatalogTables;
  readonly programs: ProgramTables;
  readonly retirements: Table<RetirementRequest>;
  readonly mail: Table<CapturedMail>;
  readonly faults: Table<Fault>;
  readonly requests: Table<RequestLogEntry>;
  readonly discoveryFaults: Table<Fault>;
  readonly discoveryRequests: Table<RequestLogEntry>;
  readonly registrarFaults: Table<Fault>;
  readonly registrarRequests: Table<RequestLogEntry>;
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
    this.enrollmentsNewestFirst = new Ordered(
      this.enrollments,
      (a, b) => compareInstants(b.created, a.created) || b.id - a.id,
    );
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
    this.optouts = store.table('optouts');
    this.catalog = new CatalogTables(store);
    this.programs = new ProgramTables(store);
    this.retirements = store.table('retirements');
    this.mail = store.table('mail');
    this.faults = store.table('faults');
    this.requests = store.table('requests');
    this.discoveryFaults = store.table('discoveryFaults');
    this.discoveryRequests = store.table('discoveryRequests');
    this.registrarFaults = store.table('registrarFaults');
    this.registrarRequests = store.table('registrarRequests');
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
    for (const faults of [this.faults, this.discoveryFaults, this.registrarFaults]) faults.clear();
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
      this.optouts,
      this.retirements,
    ]) {
      table.clear();
    }
    this.catalog.clear();
    this.programs.clear();
  }
}
