import {
  addCatalogCourse,
  addOrganization,
  addProgram,
  addProgramTypes,
  type NewCatalogCourse,
} from '../catalog/add.js';
import { SAML_BACKEND } from './learning/programs/key-lookup.js';
import type { LmsState } from './state.js';

/** UUIDs of the demo's programs, and of the curriculum of each that is active. */
export const DEMO_PROGRAMS = {
  masters: { uuid: 'd0000000-0000-4000-8000-000000000001', curriculum: 'd1000000-0000-4000-8000-000000000001' },
  microMasters: { uuid: 'd0000000-0000-4000-8000-000000000002', curriculum: 'd1000000-0000-4000-8000-000000000002' },
  certificate: { uuid: 'd0000000-0000-4000-8000-000000000003', curriculum: null },
} as const;

/** Courses of the catalog: what the partner calls their runs, where it calls them something. */
const COURSES: readonly NewCatalogCourse[] = [
  { key: 'DemoU+CS101', runs: [{ key: 'course-v1:DemoU+CS101+2026_T1', externalKey: 'CS101-26' }] },
  { key: 'DemoU+CS102', runs: [{ key: 'course-v1:DemoU+CS102+2026_T2', externalKey: 'CS102-26' }] },
  { key: 'DemoU+MATH110', runs: [{ key: 'course-v1:DemoU+MATH110+2026_T1', externalKey: 'MATH110-26' }] },
  { key: 'DemoU+STAT120', runs: [{ key: 'course-v1:DemoU+STAT120+2026_T1' }] },
  { key: 'DemoU+HIST210', runs: [{ key: 'course-v1:DemoU+HIST210+2026_T1', externalKey: 'HIST210-26' }] },
  { key: 'DemoU+LIT205', runs: [{ key: 'course-v1:DemoU+LIT205+2026_T1', externalKey: 'LIT205-26' }] },
  { key: 'DemoU+ECON101', runs: [{ key: 'course-v1:DemoU+ECON101+2026_T1', externalKey: 'ECON101-26' }] },
  {
    key: 'OpenSchool+DATA1',
    runs: [
      { key: 'course-v1:OpenSchool+DATA1+R1' },
      { key: 'course-v1:OpenSchool+DATA1+R10', externalKey: 'DATA1-10' },
    ],
  },
  { key: 'OpenSchool+ML2', runs: [{ key: 'course-v1:OpenSchool+ML2+2026', externalKey: 'ML2-26' }] },
  { key: 'OpenSchool+ETHICS', runs: [{ key: 'course-v1:OpenSchool+ETHICS+2024' }] },
];

/** Adds the organization `DemoU` with its three programs and who is in them; the demo's courses and people are there. */
export function addDemoPrograms(state: LmsState): void {
  addProgramTypes(state);
  addOrganization(state, { key: 'DemoU', name: 'Demo University' });
  addOrganization(state, { key: 'OpenSchool', name: 'Open School' });
  for (const course of COURSES) addCatalogCourse(state, course);
  const { masters, microMasters, certificate } = DEMO_PROGRAMS;
  addProgram(state, {
    uuid: masters.uuid,
    title: 'Master of Computer Science',
    marketingSlug: 'masters-in-computer-science',
    organizations: ['DemoU'],
    courses: ['DemoU+LIT205'],
    reports: {
      'individual__2026-10-31.csv': 'student_key,active\r\nDU-0001,true\r\n',
      'aggregate__2026-11-1.csv': 'week,active\r\n44,5\r\n',
      'notes.txt': 'Not a report: its name has no day.\n',
    },
    curricula: [
      {
        uuid: 'd1000000-0000-4000-8000-000000000011',
        name: 'Curriculum of 2025',
        isActive: false,
        courses: ['DemoU+CS101', 'DemoU+HIST210'],
      },
      {
        uuid: masters.curriculum,
        name: 'Curriculum of 2026',
        courses: ['DemoU+CS101', 'DemoU+CS102', 'DemoU+MATH110', 'DemoU+STAT120'],
        programs: [microMasters.uuid],
      },
    ],
  });
  addProgram(state, {
    uuid: microMasters.uuid,
    title: 'MicroMasters in Data Science',
    type: 'micromasters',
    marketingSlug: 'micromasters-in-data-science',
    organizations: ['DemoU'],
    courses: ['DemoU+STAT120', 'OpenSchool+DATA1', 'OpenSchool+ML2'],
    curricula: [
      {
        uuid: microMasters.curriculum,
        name: 'Data Science',
        courses: ['DemoU+STAT120', 'OpenSchool+DATA1', 'OpenSchool+ML2'],
        excludedRuns: ['course-v1:OpenSchool+DATA1+R1'],
      },
    ],
  });
  addProgram(state, {
    uuid: certificate.uuid,
    title: 'Professional Certificate in Digital Economy',
    type: 'professional-certificate',
    marketingSlug: 'professional-certificate-in-digital-economy',
    organizations: ['DemoU', 'OpenSchool'],
    courses: ['DemoU+ECON101', 'OpenSchool+ETHICS'],
  });
  state.programs.samlProviders.set('demou', { slug: 'demou', name: 'Demo University', organization: 'DemoU' });
  for (const learner of LEARNERS) addLearner(state, learner);
  addGrade(state, 'DemoU+CS101', 0.88, 'B');
  addGrade(state, 'DemoU+MATH110', 0.41, null);
}

type Learner = readonly [key: string, status: string, username: string | null, runs: Readonly<Record<string, string>>];

/** Of the Masters: who is linked has signed in through the university's own identity provider, the others wait. */
const LEARNERS: readonly Learner[] = [
  ['DU-0001', 'enrolled', 'ada', { CS101: 'active' }],
  ['DU-0002', 'enrolled', 'mira', { CS101: 'active', MATH110: 'active' }],
  ['DU-0003', 'suspended', 'noah', { CS101: 'inactive' }],
  ['DU-0004', 'enrolled', null, { CS101: 'active', CS102: 'active' }],
  ['DU-0005', 'pending', null, {}],
  ['Du-0006', 'enrolled', null, { STAT120: 'active' }],
  ['DU-0007', 'canceled', null, {}],
];

const AT = '2026-02-10T09:00:00Z';

function addLearner(state: LmsState, [studentKey, status, username, runs]: Learner): void {
  const { masters } = DEMO_PROGRAMS;
  const id = state.nextId('programEnrollment');
  if (username !== null)
    state.putLink({ id: state.nextId('link'), username, backend: SAML_BACKEND, uid: `demou:${studentKey}` });
  state.programs.putEnrollment({
    id,
    programUuid: masters.uuid,
    curriculumUuid: masters.curriculum,
    studentKey,
    username,
    status,
    created: AT,
    modified: AT,
  });
  for (const [number, runStatus] of Object.entries(runs)) {
    const courseKey = runKeyOf(state, `DemoU+${number}`);
    state.programs.putCourseEnrollment({
      id: state.nextId('programCourseEnrollment'),
      enrollmentId: id,
      programUuid: masters.uuid,
      courseKey,
      status: runStatus,
      isCourseStaff: false,
      isAttached: username !== null,
      created: AT,
      modified: AT,
    });
    if (username !== null && state.enrollment(username, courseKey) === undefined)
      state.putEnrollment({
        id: state.nextId('enrollment'),
        username,
        courseKey,
        mode: 'masters',
        isActive: runStatus === 'active',
        created: AT,
        attributes: [],
      });
  }
}

/** Of the one who has come furthest. */
function addGrade(state: LmsState, course: string, percent: number, letterGrade: string | null): void {
  state.putGrade({
    username: 'mira',
    courseKey: runKeyOf(state, course),
    percent,
    letterGrade,
    passed: letterGrade !== null,
    scorePercent: percent,
  });
}

function runKeyOf({ catalog }: LmsState, courseKey: string): string {
  return catalog.courses.get(courseKey)?.runs[0]?.key ?? courseKey;
}
