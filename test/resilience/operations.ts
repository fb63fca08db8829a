import { DEMO_PROGRAMS } from '../../sandbox/lms/demo-programs.js';
import { findProviders } from '../../src/cli/doctor/lms-providers.js';
import { askRequiredFields } from '../../src/cli/doctor/registration-checks.js';
import { askWhoHolds } from '../../src/cli/doctor/token-holder.js';
import type { LmsOperation } from '../../src/datasources/lms/operations.js';
import { createProgressReads } from '../../src/datasources/lms/progress.js';
import { createSubsectionGradeReads } from '../../src/datasources/lms/subsection-grades.js';
import { createLearnerLinkWrites } from '../../src/datasources/program/link-learner.js';
import { createLmsEnrollmentStore } from '../../src/datasources/program/lms-enrollment-store.js';
import { createProgramEnrollmentReads } from '../../src/datasources/program/read-enrollments.js';
import { createProgramEnrollmentWrites } from '../../src/datasources/program/write-program-enrollments.js';
import { type Learner, redirectUri } from './learner.js';
import type { Connection } from './lms.js';

/** Who needs the answer, which decides what becomes of a failure. */
export type Side =
  /** A field of the graph: its value, an older one, or null with a typed error. */
  | 'graph'
  /** A job or a command that reads: it asks again later, or says what it could not read. */
  | 'job'
  /** A write: recorded before, repeated after a look, told in the state of its row. */
  | 'write'
  /** `portico doctor` and the health checks: the failure is what they report. */
  | 'check';

export interface OperationRow {
  side: Side;
  /** What in Portico asks for it, for people. */
  usedBy: string;
  /** Where the LMS is asked, as the sandbox matches faults. */
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  match: string;
  /** What its query says, where another operation has the same path. */
  query?: RegExp;
  /** Whether a write could be done twice by repeating it: then its failures say that it may have happened. */
  isOnce?: true;
  /** Asks once; what comes back is the same each time, whoever the learner is. */
  ask(connection: Connection, learner: Learner): Promise<unknown>;
}

const request = { purpose: 'request' } as const;
const job = { purpose: 'job' } as const;
/** Of the demo; ada takes part, with a grade and a certificate. */
const courseKey = 'course-v1:edX+DemoX+Demo_Course';
/** Open to everybody. */
const openCourseKey = 'course-v1:edX+E2E-101+course';
const accounts = '/api/user/v1/accounts';
const tokens = '/oauth2/access_token*';
/** Whose retirement was asked for before. */
export const whoLeaves = 'learner00001';
const password = 'a-long-passphrase-9';
const masters = DEMO_PROGRAMS.masters.uuid;
const program = {
  program: { key: 'masters-in-computer-science', uuid: masters },
  curriculumUuid: DEMO_PROGRAMS.masters.curriculum,
};
const programEnrollments = `/api/program_enrollments/v1/programs/${masters}/enrollments/`;
const mastersRun = 'course-v1:DemoU+CS101+2026_T1';

/** A row for each operation; the type demands a row for one that is new. */
export const operationRows: Record<LmsOperation, OperationRow> = {
  'enrollment.list': {
    side: 'graph',
    usedBy: '`enrollments` of several learners or of a course run; reconciliation',
    method: 'GET',
    match: '/api/enrollment/v1/enrollments*',
    ask: ({ api }) => api.listEnrollments({ usernames: ['ada', 'sam'] }, request),
  },
  'enrollment.list-of-user': {
    side: 'graph',
    usedBy: '`enrollments` of a learner whom the list cannot name; retirement',
    method: 'GET',
    match: '/api/enrollment/v1/enrollment',
    ask: ({ api }) => api.enrollmentsOf('ada', request),
  },
  'enrollment.read': {
    side: 'graph',
    usedBy: 'one enrollment; every look before a write is repeated',
    method: 'GET',
    match: '/api/enrollment/v1/enrollment/*',
    ask: ({ api }) => api.readEnrollment('ada', courseKey, request),
  },
  'enrollment.course': {
    side: 'job',
    usedBy: 'why an enrollment was refused',
    method: 'GET',
    match: '/api/enrollment/v1/course/*',
    ask: ({ api }) => api.courseDetails(courseKey, request),
  },
  'course.list': {
    side: 'graph',
    usedBy: '`courseRun` of several runs; `syncCourseRuns`',
    method: 'GET',
    match: '/api/courses/v1/courses/',
    ask: async ({ api }) => (await api.readCatalogue(request)).runs,
  },
  'course.read': {
    side: 'graph',
    usedBy: '`courseRun` of single runs',
    method: 'GET',
    match: '/api/courses/v1/courses/course*',
    ask: ({ api }) => api.course(courseKey, request),
  },
  'course-mode.list': {
    side: 'graph',
    usedBy: '`CourseRun.modes`, `Enrollment.upgradeDeadline`; `syncCourseRuns`',
    method: 'GET',
    match: '/api/course_modes/*',
    ask: ({ api }) => api.courseModes(courseKey, request),
  },
  'grade.read': {
    side: 'graph',
    usedBy: '`grade` of few learners; `syncGrades` of one learner',
    method: 'GET',
    match: '/api/grades/*',
    query: /\busername=/,
    ask: ({ api }) => api.gradesOf(courseKey, 'ada', request),
  },
  'grade.list': {
    side: 'graph',
    usedBy: '`grade` of many learners of a run; `syncGrades`',
    method: 'GET',
    match: '/api/grades/*',
    query: /^(?!.*\busername=)/,
    ask: ({ api }) => api.gradesIn(courseKey, request),
  },
  'gradebook.read': {
    side: 'graph',
    usedBy: '`Grade.subsections`',
    method: 'GET',
    match: '/api/grades/v1/gradebook/*',
    ask: ({ client }) => createSubsectionGradeReads(client).gradebookEntry(courseKey, 'ada', request),
  },
  'grade.breakdown': {
    side: 'graph',
    usedBy: '`Grade.subsections` where the gradebook is switched off',
    method: 'GET',
    match: '/api/grades/v1/section_grades_breakdown/*',
    ask: ({ client }) => createSubsectionGradeReads(client).gradeBreakdown(courseKey, 'ada', request),
  },
  'progress.read': {
    side: 'graph',
    usedBy: '`Enrollment.progress` where the course run has a progress page',
    method: 'GET',
    match: '/api/course_home/progress/*',
    ask: ({ client }, { adaId }) => createProgressReads(client).progressPage(courseKey, adaId, request),
  },
  'block.list': {
    side: 'graph',
    usedBy: '`Enrollment.progress` where it has none',
    method: 'GET',
    match: '/api/courses/v2/blocks/*',
    ask: ({ client }) => createProgressReads(client).blockProgress(courseKey, 'ada', request),
  },
  'learner-home.read': {
    side: 'graph',
    usedBy: '`Enrollment.resumeUrl`',
    method: 'GET',
    match: '/api/learner_home/*',
    ask: ({ api }) => api.resumePointsOf('ada', request),
  },
  'certificate.list': {
    side: 'graph',
    usedBy: '`certificate`, `certificates`',
    method: 'GET',
    match: '/api/certificates/*',
    ask: ({ api }) => api.certificatesOf('ada', request),
  },
  'account.list': {
    side: 'graph',
    usedBy: '`EdxLink.lmsUser`, `drift`; adoption and repair of links',
    method: 'GET',
    match: accounts,
    ask: ({ api }) => api.accountsByUsername(['ada', 'sam'], request),
  },
  'mapping.list': {
    side: 'graph',
    usedBy: '`EdxLink.mapping`, `drift`, `thirdPartyMappings`; adoption and repair of links',
    method: 'GET',
    match: '/api/third_party_auth/v0/providers/*/users',
    ask: ({ api }) => api.mappings({ usernames: ['ada'] }, request),
  },
  'account.by-email': {
    side: 'job',
    usedBy: 'the look before an edX account is made',
    method: 'GET',
    match: accounts,
    ask: ({ api }) => api.accountByEmail('ada@example.org', request),
  },
  'account.search-emails': {
    side: 'job',
    usedBy: 'LMS users by many addresses at once',
    method: 'POST',
    match: `${accounts}/search_emails`,
    ask: ({ api }) => api.searchEmails(['ada@example.org'], request),
  },
  'registration.create': {
    side: 'write',
    usedBy: 'the edX account of a new person',
    method: 'POST',
    match: '/user_api/v1/account/registration/',
    isOnce: true,
    async ask({ api }, { username }) {
      const newcomer = { username: `new-${username}`, email: `new-${username}@example.org`, name: 'New', password };
      return (await api.registerUser({ ...newcomer, honorCode: true }, job)).kind;
    },
  },
  'registration.validate': {
    side: 'write',
    usedBy: 'whether the LMS would take a registration',
    method: 'POST',
    match: '/api/user/v1/validation/registration',
    ask: ({ api }) => api.validateRegistration({ username: 'somebody-new' }, job),
  },
  'enrollment.write': {
    side: 'write',
    usedBy: 'enrolling, leaving, changing the mode',
    method: 'POST',
    match: '/api/enrollment/v1/enrollment',
    isOnce: true,
    ask: async ({ api }, { username }) =>
      (await api.postEnrollment({ username, courseKey: openCourseKey, isActive: true }, job)).kind,
  },
  'program-enrollment.find': {
    side: 'job',
    usedBy: 'dry runs of uploads; rows of which the LMS did not say what became of them',
    method: 'GET',
    match: programEnrollments,
    ask: async ({ client }) => {
      const found = await createProgramEnrollmentWrites(createLmsEnrollmentStore(client)).find(
        program,
        new Set(['nobody']),
        job,
      );
      return found.size;
    },
  },
  'program-enrollment.write': {
    side: 'write',
    usedBy: 'writing and uploading enrollments in programs and their course runs',
    method: 'PUT',
    match: programEnrollments,
    async ask({ client }) {
      const row = { externalKey: 'DU-0001', status: 'enrolled' };
      const { rows, trouble } = await createProgramEnrollmentWrites(createLmsEnrollmentStore(client)).write(
        program,
        [row],
        { method: 'PUT' },
        job,
      );
      if (trouble) throw trouble;
      return rows.map(({ outcome }) => outcome);
    },
  },
  'program-enrollment.list': {
    side: 'graph',
    usedBy: '`Program.enrollments`, `waitingLearners`; `syncPrograms`; files of enrollments',
    method: 'GET',
    match: `/api/program_enrollments/v1/programs/${masters}/enrollments/`,
    ask: ({ client }) => allPages(createProgramEnrollmentReads(client).learnersOf(program.program, request)),
  },
  'program-course-enrollment.list': {
    side: 'graph',
    usedBy: '`ProgramEnrollment.courseEnrollments`; `syncPrograms`; files of enrollments',
    method: 'GET',
    match: `/api/program_enrollments/v1/programs/${masters}/courses/*`,
    ask: ({ client }) =>
      allPages(createProgramEnrollmentReads(client).courseLearnersOf(program.program, mastersRun, request)),
  },
  'program-grade.list': {
    side: 'graph',
    usedBy: 'files of grades of programs',
    method: 'GET',
    match: `/api/program_enrollments/v1/programs/${masters}/courses/*`,
    ask: ({ client }) => allPages(createProgramEnrollmentReads(client).gradesOf(program.program, mastersRun, request)),
  },
  'program-learner.link': {
    side: 'write',
    usedBy: '`linkLearner`, `relinkLearner`',
    method: 'POST',
    match: '/support/link_program_enrollments_details/',
    ask: ({ client }) =>
      createLearnerLinkWrites(client).linkLearner(
        { programUuid: masters, externalKey: 'DU-0001', username: 'ada' },
        job,
      ),
  },
  'account.update': {
    side: 'write',
    usedBy: 'bringing a profile or an e-mail address to the LMS',
    method: 'PATCH',
    match: `${accounts}/*`,
    ask: async ({ api }, { username, token }) =>
      (await api.updateAccount(username, { name: 'Another Name' }, token, job)).kind,
  },
  'account.fix-lti-user': {
    side: 'write',
    usedBy: 'freeing an address that a user made for LTI holds',
    method: 'POST',
    match: '/api/lti-user-fix/',
    ask: ({ api }) => api.fixLtiUser('ada@example.org', job),
  },
  'course-emails.change': {
    side: 'write',
    usedBy: 'whether a learner gets the mails of a course run',
    method: 'POST',
    match: '/api/change_email_settings',
    ask: async ({ api }, { token }) => (await api.changeCourseEmails({ courseKey, receives: false }, token, job)).kind,
  },
  'oauth.client_credentials': {
    side: 'job',
    usedBy: "the service worker's own token, before any call that needs it",
    method: 'POST',
    match: tokens,
    ask: ({ api }) => api.accountsByUsername(['sam'], request),
  },
  'oauth.authorization_code': {
    side: 'write',
    usedBy: "a learner's API token, the last step of the sign-on without a browser",
    method: 'POST',
    match: tokens,
    isOnce: true,
    ask: async ({ api }, { code }) => (await api.exchangeCode(code, redirectUri, job)).kind,
  },
  'oauth.refresh_token': {
    side: 'write',
    usedBy: "renewing a learner's API token",
    method: 'POST',
    match: tokens,
    isOnce: true,
    ask: async ({ api }, { refreshToken }) => (await api.refreshToken(refreshToken, job)).kind,
  },
  'oauth.revoke': {
    side: 'write',
    usedBy: "ending a learner's API token",
    method: 'POST',
    match: '/oauth2/revoke_token/',
    ask: ({ api }) => api.revokeToken('no-such-token', job),
  },
  'retirement.request': {
    side: 'write',
    usedBy: 'retiring an LMS user',
    method: 'POST',
    match: '/v1/accounts/bulk_retire_users',
    isOnce: true,
    ask: ({ api }, { username }) => api.requestRetirement(username, job),
  },
  'retirement.read': {
    side: 'job',
    usedBy: 'how far the retirement of an LMS user is',
    method: 'GET',
    match: `${accounts}/*/retirement_status/`,
    ask: ({ api }) => api.retirementState(whoLeaves, job),
  },
  'retirement.deactivate': {
    side: 'write',
    usedBy: 'taking the password of an LMS user who leaves',
    method: 'POST',
    match: `${accounts}/*/deactivate/`,
    ask: ({ api }, { username }) => api.deactivateUser(username, job),
  },
  'retirement.readiness': {
    side: 'check',
    usedBy: '`portico doctor`',
    method: 'GET',
    match: `${accounts}/retirement_queue/`,
    ask: ({ api }) => api.readiness(job),
  },
  heartbeat: {
    side: 'check',
    usedBy: '`/health/full`, `portico doctor`',
    method: 'GET',
    match: '/heartbeat',
    ask: ({ api }) => api.heartbeat(request),
  },
  'provider.list': {
    side: 'check',
    usedBy: '`portico doctor`',
    method: 'GET',
    match: '/api/third_party_auth/v0/providers/user_status',
    ask: ({ client }) => findProviders({ client }),
  },
  'account.me': {
    side: 'check',
    usedBy: '`portico doctor`',
    method: 'GET',
    match: '/api/user/v1/me',
    ask: async ({ client }, { token }) => (await askWhoHolds(client, token)).kind,
  },
  'registration.describe': {
    side: 'check',
    usedBy: '`portico doctor`',
    method: 'GET',
    match: '/user_api/v1/account/registration/',
    ask: ({ client }) => askRequiredFields(client),
  },
};

async function allPages<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
