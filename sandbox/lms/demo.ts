import { hashPassword } from './auth/passwords.js';
import { addDemoPrograms } from './demo-programs.js';
import type { SandboxCredentials } from './lms.js';
import { addCourse, addUser, courseMode, type NewCourse, type NewUser } from './population.js';
import type { LmsSettings } from './rows.js';
import type { LmsState } from './state.js';

const VERIFIED = courseMode('verified', { minPrice: 49, expiresAt: '2099-01-01T00:00:00Z', sku: 'SANDBOX-V' });
const OPEN = [courseMode('audit'), VERIFIED];
const LAPSED = [courseMode('audit'), courseMode('verified', { minPrice: 49, expiresAt: '2024-02-01T00:00:00Z' })];

/** The twenty course runs of the demo: most are open, the last ones are not, each for another reason. */
const COURSES: readonly NewCourse[] = [
  {
    courseKey: 'course-v1:edX+DemoX+Demo_Course',
    displayName: 'Demonstration Course',
    start: '2013-02-05T05:00:00Z',
    modes: [...OPEN, courseMode('honor')],
    shortDescription: 'A tour of the platform.',
    effort: '1 hour',
  },
  {
    courseKey: 'course-v1:edX+E2E-101+course',
    displayName: 'E2E Test Course',
    start: '2016-01-01T00:00:00Z',
    modes: OPEN,
    shortDescription: 'Every kind of problem, for trying things out.',
  },
  {
    courseKey: 'course-v1:DemoU+CS101+2026_T1',
    displayName: 'Introduction to Computer Science',
    start: '2026-01-12T09:00:00Z',
    end: '2027-06-30T00:00:00Z',
    modes: OPEN,
    effort: '6 hours a week',
  },
  {
    courseKey: 'course-v1:DemoU+CS102+2026_T2',
    displayName: 'Algorithms and Data Structures',
    start: '2026-02-02T09:00:00Z',
    end: '2027-08-31T00:00:00Z',
    modes: OPEN,
    effort: '8 hours a week',
  },
  {
    courseKey: 'course-v1:DemoU+MATH110+2026_T1',
    displayName: 'Linear Algebra',
    start: '2026-01-12T09:00:00Z',
    end: '2027-06-30T00:00:00Z',
    modes: OPEN,
  },
  {
    courseKey: 'course-v1:DemoU+STAT120+2026_T1',
    displayName: 'Probability and Statistics',
    start: '2026-01-19T09:00:00Z',
    modes: OPEN,
    selfPaced: true,
  },
  {
    courseKey: 'course-v1:DemoU+PHYS101+2026_T1',
    displayName: 'Classical Mechanics',
    start: '2026-01-12T09:00:00Z',
    modes: OPEN,
  },
  {
    courseKey: 'course-v1:DemoU+BIO130+2026_T1',
    displayName: 'Biology: The Molecules of Life',
    start: '2026-01-05T09:00:00Z',
    modes: OPEN,
    mobileAvailable: true,
  },
  {
    courseKey: 'course-v1:DemoU+ECON101+2026_T1',
    displayName: 'Principles of Microeconomics',
    start: '2026-01-12T09:00:00Z',
    modes: OPEN,
    selfPaced: true,
  },
  {
    courseKey: 'course-v1:DemoU+HIST210+2026_T1',
    displayName: 'A History of Public Education',
    start: '2026-01-12T09:00:00Z',
    modes: [courseMode('audit')],
  },
  {
    courseKey: 'course-v1:DemoU+LIT205+2026_T1',
    displayName: 'Reading the Short Story',
    start: '2026-02-16T09:00:00Z',
    modes: [courseMode('audit'), courseMode('honor')],
    selfPaced: true,
  },
  {
    courseKey: 'course-v1:DemoU+ART150+2026_T1',
    displayName: 'Drawing & Seeing',
    start: '2026-01-26T09:00:00Z',
    modes: [courseMode('audit')],
  },
  {
    courseKey: 'course-v1:OpenSchool+DATA1+R1',
    displayName: 'Data Literacy, First Run',
    start: '2024-01-15T00:00:00Z',
    modes: OPEN,
    selfPaced: true,
  },
  {
    courseKey: 'course-v1:OpenSchool+DATA1+R10',
    displayName: 'Data Literacy, Tenth Run',
    start: '2026-01-15T00:00:00Z',
    modes: OPEN,
    selfPaced: true,
  },
  {
    courseKey: 'course-v1:OpenSchool+ML2+2026',
    displayName: 'Machine Learning Fundamentals',
    start: '2026-03-02T00:00:00Z',
    modes: [...OPEN, courseMode('masters')],
  },
  {
    courseKey: 'course-v1:OpenSchool+ETHICS+2024',
    displayName: 'Ethics of Technology',
    start: '2024-01-08T00:00:00Z',
    modes: LAPSED,
  },
  {
    courseKey: 'course-v1:OpenSchool+CLOSED+2020',
    displayName: 'Closed for Enrollment',
    start: '2020-01-01T00:00:00Z',
    end: '2020-12-31T00:00:00Z',
    enrollmentStart: '2019-01-01T00:00:00Z',
    enrollmentEnd: '2020-02-01T00:00:00Z',
    modes: OPEN,
  },
  {
    courseKey: 'course-v1:OpenSchool+INVITE+2026',
    displayName: 'By Invitation',
    start: '2026-01-01T00:00:00Z',
    invitationOnly: true,
    modes: [courseMode('audit')],
  },
  {
    courseKey: 'course-v1:OpenSchool+FULL+2026',
    displayName: 'Fully Booked',
    start: '2026-01-01T00:00:00Z',
    maxEnrollments: 1,
    modes: [courseMode('audit')],
  },
  {
    courseKey: 'course-v1:OpenSchool+FUTURE+2099',
    displayName: 'Not Yet Announced',
    start: '2099-01-01T00:00:00Z',
    enrollmentStart: '2098-01-01T00:00:00Z',
    modes: [courseMode('audit')],
  },
];

/** Course, mode, percent, letter: what `ada` has done so far. */
const ADA: readonly (readonly [courseKey: string, mode: string, percent: number, letter: string | null])[] = [
  ['course-v1:edX+DemoX+Demo_Course', 'verified', 0.92, 'A'],
  ['course-v1:DemoU+CS101+2026_T1', 'verified', 0.81, 'B'],
  ['course-v1:DemoU+MATH110+2026_T1', 'audit', 0.67, 'Pass'],
  ['course-v1:DemoU+STAT120+2026_T1', 'audit', 0.34, null],
  ['course-v1:OpenSchool+DATA1+R1', 'audit', 0.55, 'Pass'],
];

const DEMO_SETTINGS: LmsSettings = {
  // The LMS's own default is 60; its guides ask operators to raise it for a gateway.
  registrationLimit: 100_000,
  tokenLimit: 120,
  throttles: true,
  oldRelease: false,
  progressPages: false,
  gradebookOff: false,
  nextHost: null,
  misconfigured: [],
  tokensExpireBefore: null,
};

/** Makes an empty state an LMS that Portico can be connected to: settings, provider row, service users. */
export function fillWithServices(state: LmsState, credentials: SandboxCredentials): void {
  state.settings = DEMO_SETTINGS;
  state.site = { platformName: 'Sandbox LMS', logoutUris: [], redirectHosts: [], retirementWorker: 'edx' };
  state.provider = {
    backend: 'ol-oauth2',
    name: 'Portico',
    clientId: credentials.sso.clientId,
    clientSecret: credentials.sso.clientSecret,
    endpoints: null,
    skipEmailVerification: true,
    sendToRegistrationFirst: false,
    syncLearnerProfileData: true,
    enabled: true,
  };
  const worker = credentials.worker.username;
  addPeople(state, [
    { username: 'edx', email: 'edx@example.org', name: 'LMS Superuser', isStaff: true, isSuperuser: true },
    { username: worker, email: `${worker}@example.org`, name: 'Portico Worker', isStaff: true },
    { username: 'login_service_user', email: 'login_service_user@example.org', name: 'Login Service' },
  ]);
}

/** Adds the demo people, their courses and what they have done. */
export function addDemo(state: LmsState): void {
  for (const course of COURSES) addCourse(state, course);
  addPeople(state, [
    { username: 'ada', email: 'ada@example.org', name: 'Ada Lovelace' },
    { username: 'sam', email: 'sam@example.org', name: 'Sam Support' },
    { username: 'root', email: 'root@example.org', name: 'Root Administrator' },
    { username: 'booked', email: 'booked@example.org', name: 'Bo Booked' },
    { username: 'mira', email: 'mira@demou.example.org', name: 'Mira Masters' },
    { username: 'noah', email: 'noah@demou.example.org', name: 'Noah Novak' },
  ]);
  for (const username of ['ada', 'sam', 'root']) {
    state.putLink({ id: state.nextId('link'), username, backend: 'ol-oauth2', uid: username });
  }
  addLearning(state);
  addDemoPrograms(state);
}

type Person = Pick<NewUser, 'username' | 'email' | 'name' | 'isStaff' | 'isSuperuser'>;

function addPeople(state: LmsState, people: readonly Person[]): void {
  const profile = { yearOfBirth: 1990, country: 'US' };
  // Nobody signs in to the LMS with a password here; one is set because an unusable password would lock the account.
  const passwordHash = hashPassword('lms-password-1');
  for (const person of people) addUser(state, { ...person, passwordHash, dateJoined: '2026-01-02T08:00:00Z', profile });
}

function addLearning(state: LmsState): void {
  for (const [at, [courseKey, mode, percent, letterGrade]] of ADA.entries()) {
    state.putEnrollment({
      id: state.nextId('enrollment'),
      username: 'ada',
      courseKey,
      mode,
      isActive: true,
      created: `2026-02-0${at + 1}T10:00:00Z`,
      attributes: [],
    });
    state.putGrade({
      username: 'ada',
      courseKey,
      percent,
      letterGrade,
      passed: letterGrade !== null,
      scorePercent: percent,
    });
  }
  state.putCertificate({
    username: 'ada',
    courseKey: 'course-v1:edX+DemoX+Demo_Course',
    status: 'downloadable',
    mode: 'verified',
    grade: '0.92',
    verifyUuid: 'ada0ada0ada0ada0ada0ada0ada0ada0',
    created: '2026-03-01T12:00:00Z',
    modified: '2026-03-01T12:00:00Z',
  });
  state.putEnrollment({
    id: state.nextId('enrollment'),
    username: 'booked',
    courseKey: 'course-v1:OpenSchool+FULL+2026',
    mode: 'audit',
    isActive: true,
    created: '2026-01-03T10:00:00Z',
    attributes: [],
  });
}
