import type { Clock } from '../../clock.js';
import { type AccountReader, createAccountReader } from '../account/account-reader.js';
import { createCostBook } from '../cost/cost-book.js';
import { type CourseReader, createCourseReader } from '../course/course-reader.js';
import { isCourseKey } from '../course-key.js';
import { createEnrollmentReader, type EnrollmentReader } from '../enrollment/enrollment-reader.js';
import { type RosterPage, type RosterPageKey, readRosterPage, rosterPageNameOf } from '../enrollment/roster-page.js';
import { createGradeReader, type GradeReader } from '../grade/grade-reader.js';
import { createSubsectionReader, type SubsectionReader } from '../grade/subsection-reader.js';
import { createIdentityReader, type IdentityReader } from '../identity/identity-reader.js';
import { allValues, type KeyedAnswers } from '../keyed-answers.js';
import { createMappingReader, type MappingReader, type WantedMappings } from '../mapping/mapping-reader.js';
import { createOneByOneReader } from '../one-by-one/one-by-one-reader.js';
import { createProgressReader, type ProgressReader } from '../progress/progress-reader.js';
import { createReleaseMemory } from '../release-memory.js';
import type { CallOptions } from '../upstream/call.js';
import type { Timeouts } from '../upstream/deadline.js';
import type { UpstreamStatus } from '../upstream/status.js';
import { type AccountWrites, createAccountWrites } from './account-update.js';
import { type AccountReads, createAccountReads, type FoundEmail, type LmsUser } from './accounts.js';
import { type CertificateReads, createCertificateReads, type LmsCertificate } from './certificates.js';
import { type CourseEmailWrites, createCourseEmailWrites } from './course-emails.js';
import { type CourseModeReads, createCourseModeReads, type LmsCourseMode } from './course-modes.js';
import { type CourseReads, createCourseReads, type LmsCourseRun } from './courses.js';
import { createEnrollmentWrites, type EnrollmentWrites } from './enrollment-writes.js';
import { createEnrollmentReads, type EnrollmentReads } from './enrollments.js';
import { createGradeReads, type GradeReads, type LmsGrade } from './grades.js';
import { createHeartbeatReads, type HeartbeatReads } from './heartbeat.js';
import { createLearnerHomeReads, type LearnerHomeReads } from './learner-home.js';
import type { LmsBudget, LmsClient } from './lms-client.js';
import { createLtiUserFixes, type LtiUserFixes } from './lti-user-fix.js';
import { createOAuthWrites, type OAuthWrites } from './oauth.js';
import { createProgressReads } from './progress.js';
import { createRegistrationWrites, type RegistrationWrites } from './registration.js';
import { createRetirementWrites, type RetirementWrites } from './retirement.js';
import { createSubsectionGradeReads } from './subsection-grades.js';
import { createMappingReads, type MappingReads, type ThirdPartyMapping } from './third-party-auth.js';

/** Many keys at once, an answer or an error for each: what the per-request loaders stand on. */
export interface KeyedReads
  extends Pick<EnrollmentReader, 'readEnrollmentsOfUsers' | 'readEnrollmentPairs'>,
    Pick<CourseReader, 'readCourses'>,
    Pick<GradeReader, 'readGrades'>,
    Pick<AccountReader, 'readAccounts'>,
    Pick<MappingReader, 'readMappings'>,
    IdentityReader,
    ProgressReader,
    SubsectionReader {
  /** By lower-cased username; empty for an unknown user. */
  readCertificates(usernames: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsCertificate[]>>;
  /** Pages of the learners of course runs, each by {@link rosterPageNameOf}. */
  readRosterPages(pages: readonly RosterPageKey[], options: CallOptions): Promise<KeyedAnswers<RosterPage>>;
  /** By course key; empty for an unknown run. */
  readCourseModes(courseKeys: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsCourseMode[]>>;
}

/**
 * Everything Portico asks of the LMS and tells it, typed and parsed. Methods that take lists split them as the LMS's limits
 * demand. All throw UpstreamUnavailableError (retry later) or UpstreamRejectedError (do not), and nothing else but the
 * reason of the caller's own signal.
 */
export interface LmsApi
  extends Pick<
      EnrollmentReads,
      'readEnrollment' | 'enrollmentsOf' | 'ownEnrollments' | 'enrollmentPage' | 'courseDetails'
    >,
    Pick<EnrollmentReader, 'listEnrollments'>,
    Pick<CourseReads, 'course'>,
    Pick<CourseReader, 'readCatalogue'>,
    Pick<GradeReads, 'gradesOf'>,
    Pick<GradeReader, 'gradePages'>,
    Pick<AccountReads, 'accountByEmail'>,
    Pick<MappingReads, 'mappingsOfProvider'>,
    CourseModeReads,
    LearnerHomeReads,
    CertificateReads,
    EnrollmentWrites,
    RegistrationWrites,
    AccountWrites,
    CourseEmailWrites,
    LtiUserFixes,
    OAuthWrites,
    RetirementWrites,
    HeartbeatReads {
  /** Names whose view of the LMS the answers are. */
  readonly identity: string;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  readonly keyed: KeyedReads;
  /** Course runs by key, unknown ones missing. */
  courses(which: { courseKeys: readonly string[] }, options: CallOptions): Promise<LmsCourseRun[]>;
  /** Grades of all active learners of a run. */
  gradesIn(courseKey: string, options: CallOptions): Promise<LmsGrade[]>;
  /** Unknown names are missing. */
  accountsByUsername(usernames: readonly string[], options: CallOptions): Promise<LmsUser[]>;
  /** Unknown addresses are missing. */
  searchEmails(emails: readonly string[], options: CallOptions): Promise<FoundEmail[]>;
  /** Links to Portico, or to another provider, of these users and of these remote ids. */
  mappings(wanted: WantedMappings, options: CallOptions): Promise<ThirdPartyMapping[]>;
  status(): UpstreamStatus;
  /** How much of the last minute's budget is used up: 0 when it is all there, 1 when a call would have to wait. */
  scarcity(budget: LmsBudget): number;
}

/** Builds the typed methods over one client; they share what they learn about the LMS's release. */
export function createLmsApi(client: LmsClient): LmsApi {
  const release = createReleaseMemory(client);
  const costs = createCostBook(client.logger);
  const limits = { maxQueryBytes: client.queryBytes, release, costs };
  const enrollmentReads = createEnrollmentReads(client);
  const courseReads = createCourseReads(client);
  const gradeReads = createGradeReads(client);
  const accountReads = createAccountReads(client);
  const modeReads = createCourseModeReads(client);
  const certificateReads = createCertificateReads(client);
  const enrollments = createEnrollmentReader(enrollmentReads, limits);
  const courses = createCourseReader(courseReads, {
    ...limits,
    scarcity: (options) => (client.hasBudget('course-list', options) ? client.scarcity('course-list') : 1),
  });
  const grades = createGradeReader(gradeReads, costs);
  const accounts = createAccountReader(accountReads, limits);
  const mappingReads = createMappingReads(client);
  const mappings = createMappingReader(mappingReads, limits);
  const readCertificates = createOneByOneReader({
    plan: 'certificates',
    endpoint: 'certificate.list',
    costs,
    nameOf: (username: string) => username.toLowerCase(),
    read: certificateReads.certificatesOf,
    rowsOf: (certificates) => certificates.length,
  });
  const readRosterPages = createOneByOneReader({
    plan: 'learners of course runs',
    endpoint: 'enrollment.list',
    costs,
    nameOf: rosterPageNameOf,
    read: (page: RosterPageKey, options) => readRosterPage(enrollmentReads, page, options),
    rowsOf: ({ rows }) => rows.length,
  });
  const readCourseModes = createOneByOneReader({
    plan: 'course modes',
    endpoint: 'course-mode.list',
    costs,
    nameOf: String,
    read: modeReads.courseModes,
    rowsOf: (modes) => modes.length,
    answerOf: (courseKey) => (isCourseKey(courseKey) ? undefined : { value: [] }),
  });
  return {
    ...modeReads,
    ...createLearnerHomeReads(client),
    ...certificateReads,
    ...createEnrollmentWrites(client, enrollmentReads),
    ...createRegistrationWrites(client),
    ...createAccountWrites(client),
    ...createCourseEmailWrites(client),
    ...createLtiUserFixes(client),
    ...createOAuthWrites(client),
    ...createRetirementWrites(client),
    ...createHeartbeatReads(client),
    identity: client.identity,
    timeouts: client.timeouts,
    clock: client.clock,
    keyed: {
      ...enrollments,
      ...courses,
      ...grades,
      ...accounts,
      ...mappings,
      ...createIdentityReader(accounts),
      ...createProgressReader(createProgressReads(client), costs),
      ...createSubsectionReader(createSubsectionGradeReads(client), costs),
      readCertificates,
      readRosterPages,
      readCourseModes,
    },
    readEnrollment: enrollmentReads.readEnrollment,
    enrollmentsOf: enrollmentReads.enrollmentsOf,
    ownEnrollments: enrollmentReads.ownEnrollments,
    enrollmentPage: enrollmentReads.enrollmentPage,
    courseDetails: enrollmentReads.courseDetails,
    listEnrollments: enrollments.listEnrollments,
    course: courseReads.course,
    readCatalogue: courses.readCatalogue,
    async courses(which, options) {
      return definedValues(allValues(await courses.readCourses(which.courseKeys, options)));
    },
    gradesOf: gradeReads.gradesOf,
    gradePages: grades.gradePages,
    gradesIn: grades.readGradesOfCourse,
    accountByEmail: accountReads.accountByEmail,
    async accountsByUsername(usernames, options) {
      return definedValues(allValues(await accounts.readAccounts(usernames, options)));
    },
    searchEmails: accounts.findEmails,
    mappings: mappings.listMappings,
    mappingsOfProvider: mappingReads.mappingsOfProvider,
    status: client.status,
    scarcity: client.scarcity,
  };
}

function definedValues<V>(values: (V | undefined)[]): V[] {
  return values.filter((value) => value !== undefined);
}
