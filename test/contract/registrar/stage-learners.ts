import { addUser } from '../../../sandbox/lms/population.js';
import type { LmsState } from '../../../sandbox/lms/state.js';

const uuidOf = (kind: 2 | 3, number: number) => `${kind}0000000-0000-4000-8000-00000000000${number}`;
export const programUuid = (number: number | string) => uuidOf(2, Number(number));
export const curriculumUuid = (number: number | string) => uuidOf(3, Number(number));

export const english = 'course-v1:HUMx+English-550+Spring';
export const math = 'course-v1:HUMx+Math-100+Fall';

/** By the number of their program: key, status, and the username that the key is tied to. */
const learners = [
  [1, '001', 'enrolled', 'learner001'],
  [1, '002', 'pending', null],
  [1, '003', 'suspended', 'learner003'],
  [1, '004', 'canceled', null],
  [1, 'Mixed-Case', 'enrolled', 'learnermixed'],
  // In the program that has no curriculum any more.
  [3, '301', 'enrolled', 'erin'],
] as const;
const courseLearners = [
  ['001', english, 'active'],
  ['003', english, 'inactive'],
  ['002', math, 'active'],
] as const;
const at = '2026-02-10T09:00:00Z';

/** The learners of the recordings, as the LMS has them. */
export function addLearners(state: LmsState): void {
  for (const [, , , username] of learners)
    if (username !== null)
      addUser(state, {
        ...{ username, email: `${username}@example.org`, name: username, passwordHash: null, dateJoined: at },
      });
  const grades = { learner001: ['A', 0.95], learner003: [null, 0.1] } as const;
  for (const [username, [letterGrade, percent]] of Object.entries(grades))
    state.putGrade({
      ...{ username, courseKey: english, percent, letterGrade },
      ...{ passed: letterGrade !== null, scorePercent: percent },
    });
  enrollLearners(state);
}

/** Puts them into their programs and course runs, and nobody else. */
export function enrollLearners(state: LmsState): void {
  const { programs } = state;
  for (const enrollment of [...programs.enrollments.values()]) programs.delete(enrollment);
  const ids = new Map<string, number>();
  for (const [number, studentKey, status, username] of learners) {
    const id = state.nextId('programEnrollment');
    ids.set(studentKey, id);
    programs.putEnrollment({
      ...{ id, programUuid: programUuid(number), curriculumUuid: curriculumUuid(number), studentKey },
      ...{ username, status, created: at, modified: at },
    });
  }
  for (const [studentKey, courseKey, status] of courseLearners)
    programs.putCourseEnrollment({
      ...{ id: state.nextId('programCourseEnrollment'), enrollmentId: ids.get(studentKey) ?? 0 },
      ...{ programUuid: programUuid(1), courseKey, status, isCourseStaff: false, isAttached: true },
      ...{ created: at, modified: at },
    });
}
