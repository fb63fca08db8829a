import type { Store } from '../journal/store.js';
import type { Index, Table } from '../journal/table.js';
import type { Instant } from './rows.js';

/** One learner's place in a program. Key of the table: its id. */
export interface ProgramEnrollment {
  readonly id: number;
  readonly programUuid: string;
  readonly curriculumUuid: string;
  /** What the school calls the learner; null when it was made inside the LMS. */
  readonly studentKey: string | null;
  readonly status: string;
  /** Null while nobody is linked to the key. */
  readonly username: string | null;
  readonly created: Instant;
  readonly modified: Instant;
}

/** One course run within a place in a program. Key of the table: its id. */
export interface ProgramCourseEnrollment {
  readonly id: number;
  /** Of the {@link ProgramEnrollment}. */
  readonly enrollmentId: number;
  readonly programUuid: string;
  readonly courseKey: string;
  readonly status: string;
  /** The course's staff role; pending while nobody is linked. */
  readonly isCourseStaff: boolean;
  /** Whether an LMS enrollment belongs to it: not while nobody is linked. */
  readonly isAttached: boolean;
  readonly created: Instant;
  readonly modified: Instant;
}

/** An organization's own identity provider at the LMS. Key of the table: its slug. */
export interface SamlProvider {
  readonly slug: string;
  readonly name: string;
  /** Short name of the organization whose learners it knows. */
  readonly organization: string | null;
}

/** Program enrollments of the LMS, and the identity providers by which their keys are linked. */
export class ProgramTables {
  readonly enrollments: Table<ProgramEnrollment>;
  readonly byProgram: Index<ProgramEnrollment>;
  readonly byKey: Index<ProgramEnrollment>;
  readonly byUsername: Index<ProgramEnrollment>;
  readonly courseEnrollments: Table<ProgramCourseEnrollment>;
  readonly byCourse: Index<ProgramCourseEnrollment>;
  readonly byEnrollment: Index<ProgramCourseEnrollment>;
  readonly samlProviders: Table<SamlProvider>;

  constructor(store: Store) {
    this.enrollments = store.table('programEnrollments');
    this.byProgram = this.enrollments.index(({ programUuid }) => [programUuid]);
    this.byKey = this.enrollments.index(({ studentKey }) => (studentKey === null ? [] : [studentKey.toLowerCase()]));
    this.byUsername = this.enrollments.index(({ username }) => (username === null ? [] : [username.toLowerCase()]));
    this.courseEnrollments = store.table('programCourseEnrollments');
    this.byCourse = this.courseEnrollments.index((row) => [`${row.programUuid} ${row.courseKey}`]);
    this.byEnrollment = this.courseEnrollments.index(({ enrollmentId }) => [String(enrollmentId)]);
    this.samlProviders = store.table('samlProviders');
  }

  /** A learner's place in a program, whatever its curriculum; keys are compared without regard to case. */
  enrollment(programUuid: string, studentKey: string): ProgramEnrollment | undefined {
    return this.byKey.of(studentKey.toLowerCase()).find((row) => row.programUuid === programUuid);
  }

  putEnrollment(row: ProgramEnrollment): void {
    this.enrollments.set(String(row.id), row);
  }

  courseEnrollment(enrollmentId: number, courseKey: string): ProgramCourseEnrollment | undefined {
    return this.byEnrollment.of(String(enrollmentId)).find((row) => row.courseKey === courseKey);
  }

  putCourseEnrollment(row: ProgramCourseEnrollment): void {
    this.courseEnrollments.set(String(row.id), row);
  }

  /** The program enrollment that a course row belongs to. */
  parentOf({ enrollmentId }: ProgramCourseEnrollment): ProgramEnrollment | undefined {
    return this.enrollments.get(String(enrollmentId));
  }

  /** Deletes a place in a program with its course rows. */
  delete({ id }: ProgramEnrollment): void {
    for (const row of this.byEnrollment.of(String(id))) this.courseEnrollments.delete(String(row.id));
    this.enrollments.delete(String(id));
  }

  clear(): void {
    for (const table of [this.enrollments, this.courseEnrollments, this.samlProviders]) table.clear();
  }
}
