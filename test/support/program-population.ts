import { addCatalogCourse, addOrganization, addProgram, addProgramTypes } from '../../sandbox/catalog/add.js';
import type { RunningSandbox } from '../../sandbox/start.js';
import { pullLever } from './sandbox-levers.js';

/** A program whose learners take course runs, as the LMS and Discovery have it. */
export interface ProgramPopulation {
  uuid: string;
  /** LMS users, each one learner: the first has the student key `P-00001`. */
  usernames: string[];
  /** Course runs of its curriculum; each learner takes {@link runsOfLearner} of them. */
  courseKeys: string[];
  runsOfLearner: number;
}

const uuid = 'e0000000-0000-4000-8000-000000000001';
const curriculumUuid = 'e1000000-0000-4000-8000-000000000001';
const school = 'Seed';
/** So many runs, and so many of them for each learner, evenly. */
const sizes = { courses: 5, enrollmentsPerUser: 2 };

/**
 * Puts a program of so many learners into the sandbox: users of its LMS with links, enrollments and grades, who are in the program
 * under keys of its school, and the program in Discovery.
 */
export async function addProgramPopulation(
  { state, lmsUrl }: Pick<RunningSandbox, 'state' | 'lmsUrl'>,
  learners: number,
): Promise<ProgramPopulation> {
  await pullLever(lmsUrl, 'POST', 'seed', { users: learners, ...sizes, seed: 7 });
  const number = (at: number) => String(at).padStart(5, '0');
  const places = Array.from({ length: learners }, (_, index) => number(index + 1));
  const courses = Array.from({ length: sizes.courses }, (_, index) => `${school}+C${number(index + 1)}`);
  const row = { programUuid: uuid, created: '2026-02-10T09:00:00Z', modified: '2026-02-10T09:00:00Z' };
  state.atomically(() => {
    addProgramTypes(state);
    addOrganization(state, { key: school, name: 'Seed University' });
    for (const key of courses)
      addCatalogCourse(state, { key, runs: [{ key: `course-v1:${key}+2026`, externalKey: key.split('+')[1] ?? key }] });
    addProgram(state, {
      uuid,
      title: 'A program of many',
      organizations: [school],
      curricula: [{ uuid: curriculumUuid, courses }],
    });
    for (const place of places) {
      const username = `learner${place}`;
      const id = state.nextId('programEnrollment');
      state.programs.putEnrollment({
        ...row,
        id,
        curriculumUuid,
        studentKey: `P-${place}`,
        username,
        status: 'enrolled',
      });
      for (const { courseKey } of state.enrollmentsByUsername.of(username))
        state.programs.putCourseEnrollment({
          ...row,
          id: state.nextId('programCourseEnrollment'),
          enrollmentId: id,
          courseKey,
          status: 'active',
          isCourseStaff: false,
          isAttached: true,
        });
    }
  });
  return {
    uuid,
    usernames: places.map((place) => `learner${place}`),
    courseKeys: courses.map((key) => `course-v1:${key}+2026`),
    runsOfLearner: sizes.enrollmentsPerUser,
  };
}
