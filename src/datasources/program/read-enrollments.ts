import { Type } from 'typebox';
import type { CurriculumRun } from '../../entities/program.entity.js';
import {
  type ProgramCourseStatus,
  type ProgramEnrollmentStatus,
  programCourseStatuses,
  programEnrollmentStatuses,
} from '../../entities/program-enrollment.entity.js';
import { UpstreamRejectedError } from '../../errors.js';
import type { LmsClient } from '../lms/lms-client.js';
import type { LmsOperation } from '../lms/operations.js';
import { accepted, assertCursorAccepted } from '../lms/refusals.js';
import { CursorPage, Maybe, Nullable } from '../lms/wire-types.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { PageGuard, readPageArgument } from '../upstream/page-argument.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, encodePathSegment, queryString } from '../upstream/query.js';
import { programNotThere } from './lms-enrollment-store.js';
import { lmsIdOf, type ProgramRef } from './program-ref.js';

/** A learner in a program. */
export interface ListedEnrollment {
  /** As the school wrote it first; it is compared without case. */
  externalKey: string;
  status: ProgramEnrollmentStatus;
  curriculumUuid: string | null;
  /** Whether the LMS knows who the learner is. */
  hasAccount: boolean;
  /** The LMS user that the key is tied to; null while it waits for one, or where that is not told. */
  username: string | null;
}

/** A learner in a course run of a program. */
export interface ListedCourseEnrollment {
  externalKey: string;
  status: ProgramCourseStatus;
  courseStaff: boolean | null;
  /** Whether the LMS knows who the learner is. */
  hasAccount: boolean;
}

/** What the LMS knows of a learner's work in a course run of a program. */
export type ListedGrade = { externalKey: string } & (
  | { letterGrade: string | null; percent: number; passed: boolean }
  | { error: string }
);

/** A course run of a program, by the names that it has. */
export type RunRef = Pick<CurriculumRun, 'courseKey' | 'externalKey'>;

/** Learners of programs, page by page. In a list, keys are met once each, in whatever case. */
export interface ProgramEnrollmentReads {
  /** @throws UpstreamRejectedError when the program is not there */
  learnersOf(program: ProgramRef, options: CallOptions): AsyncIterable<ListedEnrollment[]>;
  /** @throws UpstreamRejectedError when the program is not there, or the run is not of it */
  courseLearnersOf(
    program: ProgramRef,
    courseKey: string,
    options: CallOptions,
  ): AsyncIterable<ListedCourseEnrollment[]>;
  /**
   * Grades in a course run, of the learners who have an account.
   *
   * @throws UpstreamRejectedError when the program is not there, or the run is not of it
   */
  gradesOf(program: ProgramRef, courseKey: string, options: CallOptions): AsyncIterable<ListedGrade[]>;
  /**
   * Learners of several runs; pages of different runs may come at the same time. In a run that is not counted to the program, there is
   * nobody.
   *
   * @param take - is given a page of one run; what it throws ends the reading
   */
  eachCourseLearner(
    program: ProgramRef,
    runs: readonly RunRef[],
    take: (courseKey: string, rows: ListedCourseEnrollment[]) => Promise<void>,
    options: CallOptions,
  ): Promise<void>;
}

const family = 'program-enrollments';
/** The LMS has no limit of its own; a page of this size is some hundred kilobytes. */
const pageSize = 1_000;
const mostPages = 1_000;
/** Course runs that are read at a time. */
const runsAtOnce = 4;

const parseEnrollments = createParser(
  'lms',
  CursorPage(
    Type.Object({
      student_key: Nullable(Type.String()),
      status: Type.String(),
      account_exists: Type.Boolean(),
      curriculum_uuid: Maybe(Type.String()),
      username: Maybe(Type.String()),
    }),
  ),
);
const parseCourseEnrollments = createParser(
  'lms',
  CursorPage(
    Type.Object({
      student_key: Nullable(Type.String()),
      status: Type.String(),
      account_exists: Type.Boolean(),
      course_staff: Maybe(Type.Boolean()),
    }),
  ),
);
const parseGrades = createParser(
  'lms',
  CursorPage(
    Type.Object({
      student_key: Nullable(Type.String()),
      letter_grade: Maybe(Type.String()),
      percent: Maybe(Type.Number()),
      passed: Maybe(Type.Boolean()),
      error: Maybe(Type.String()),
    }),
  ),
);

/** Builds the reads over the LMS's client. */
export function createProgramEnrollmentReads(client: Pick<LmsClient, 'request'>): ProgramEnrollmentReads {
  const reads: ProgramEnrollmentReads = {
    async *learnersOf(program, options) {
      const path = `/api/program_enrollments/v1/programs/${encodePathSegment(lmsIdOf(program))}/enrollments/`;
      const list = { operation: 'program-enrollment.list', path, parse: parseEnrollments } as const;
      for await (const rows of pages(client, list, options))
        yield rows.flatMap(({ externalKey, row: { status, account_exists, curriculum_uuid, username } }) =>
          isOneOf(programEnrollmentStatuses, status)
            ? [
                {
                  externalKey,
                  status,
                  hasAccount: account_exists,
                  curriculumUuid: curriculum_uuid || null,
                  username: username || null,
                },
              ]
            : [],
        );
    },
    async *courseLearnersOf(program, courseKey, options) {
      const programPath = `/api/program_enrollments/v1/programs/${encodePathSegment(lmsIdOf(program))}`;
      const path = `${programPath}/courses/${encodeCoursePath(courseKey)}/enrollments/`;
      const list = { operation: 'program-course-enrollment.list', path, parse: parseCourseEnrollments } as const;
      for await (const rows of pages(client, list, options))
        yield rows.flatMap(({ externalKey, row: { status, account_exists, course_staff } }) =>
          isOneOf(programCourseStatuses, status)
            ? [{ externalKey, status, courseStaff: course_staff ?? null, hasAccount: account_exists }]
            : [],
        );
    },
    async *gradesOf(program, courseKey, options) {
      const programPath = `/api/program_enrollments/v1/programs/${encodePathSegment(lmsIdOf(program))}`;
      const path = `${programPath}/courses/${encodeCoursePath(courseKey)}/grades/`;
      // 422: there are rows, and none of them has a grade.
      const list = { operation: 'program-grade.list', path, parse: parseGrades, alsoGood: 422 } as const;
      for await (const rows of pages(client, list, options))
        yield rows.map(({ externalKey, row }) => toListedGrade(externalKey, row));
    },
    async eachCourseLearner(program, runs, take, options) {
      const waiting = runs.map(({ courseKey }) => courseKey);
      const work = async () => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift())
          try {
            for await (const rows of reads.courseLearnersOf(program, key, options)) await take(key, rows);
          } catch (error) {
            // Discovery and the LMS may disagree about which runs a program has.
            if (!(error instanceof UpstreamRejectedError && error.status === 404)) throw error;
          }
      };
      await Promise.all(Array.from({ length: runsAtOnce }, work));
    },
  };
  return reads;
}

interface List<Row> {
  operation: LmsOperation;
  path: string;
  parse(body: unknown): { next: string | null; results: Row[] };
  /** A status of refusals that stands for an answer here. */
  alsoGood?: number;
}

/** Page by page; rows without a key are the LMS's own, and a row that moved to a later page meanwhile is met once. */
async function* pages<Row extends { student_key: string | null }>(
  client: Pick<LmsClient, 'request'>,
  { operation, path, parse, alsoGood }: List<Row>,
  options: CallOptions,
): AsyncGenerator<{ externalKey: string; row: Row }[]> {
  const readPage = (answer: UpstreamAnswer, cursor: string | undefined) => {
    assertCursorAccepted(answer, cursor);
    if (answer.status === 404) throw programNotThere(answer);
    const body = answer.status === alsoGood ? answer.body : accepted(operation, answer);
    // 204: the LMS has nobody.
    if (answer.status === 204) return { next: undefined, results: [] };
    const { next, results } = parse(body);
    return { next: readPageArgument('lms', next, 'cursor'), results };
  };
  const guard = new PageGuard('lms', mostPages);
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const at = cursor;
    const page = await client.request(
      {
        operation,
        family,
        method: 'GET',
        path: `${path}${queryString({ page_size: pageSize, cursor: at })}`,
        credentials: 'worker',
        isIdempotent: true,
        read: (answer) => readPage(answer, at),
      },
      options,
    );
    yield page.results.flatMap((row) => {
      const externalKey = row.student_key;
      if (externalKey === null || seen.has(externalKey.toLowerCase())) return [];
      seen.add(externalKey.toLowerCase());
      return [{ externalKey, row }];
    });
    if (page.next === undefined) return;
    cursor = guard.follow(page.next);
  }
}

/** @param row - as the LMS and a Registrar write it: with a grade, or with what stands against one */
export function toListedGrade(
  externalKey: string,
  row: {
    letter_grade?: string | null;
    percent?: number | null;
    passed?: boolean | null;
    error?: string | null;
  },
): ListedGrade {
  const { letter_grade: letterGrade = null, percent, passed, error } = row;
  if (error != null) return { externalKey, error };
  if (percent == null || passed == null) return { externalKey, error: 'The LMS tells no grade.' };
  return { externalKey, letterGrade, percent, passed };
}

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((each) => each === word);
}
