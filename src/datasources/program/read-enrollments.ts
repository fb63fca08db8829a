import { Type } from 'typebox';
import {
  type ProgramCourseStatus,
  type ProgramEnrollmentStatus,
  programCourseStatuses,
  programEnrollmentStatuses,
} from '../../entities/program-enrollment.entity.js';
import type { LmsClient } from '../lms/lms-client.js';
import type { LmsOperation } from '../lms/operations.js';
import { accepted, assertCursorAccepted } from '../lms/refusals.js';
import { CursorPage, Maybe, Nullable } from '../lms/wire-types.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { PageGuard, readPageArgument } from '../upstream/page-argument.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, encodePathSegment, queryString } from '../upstream/query.js';

/** A learner in a program, as the LMS has it. */
export interface LmsProgramEnrollment {
  /** As the school wrote it first; the LMS compares without case. */
  externalKey: string;
  status: ProgramEnrollmentStatus;
  curriculumUuid: string | null;
  /** Whether the LMS knows who the learner is. */
  hasAccount: boolean;
  /** The LMS user that the key is tied to; null while it waits for one. */
  username: string | null;
}

/** A learner in a course run of a program, as the LMS has it. */
export interface LmsProgramCourseEnrollment {
  externalKey: string;
  status: ProgramCourseStatus;
  courseStaff: boolean | null;
  /** Whether the LMS knows who the learner is. */
  hasAccount: boolean;
}

/** The program enrollments API of the LMS, as far as it is read. Keys are met once each, in whatever case. */
export interface ProgramEnrollmentReads {
  /** @throws UpstreamRejectedError when the LMS does not know the program */
  learnersOf(programUuid: string, options: CallOptions): AsyncIterable<LmsProgramEnrollment[]>;
  /** @throws UpstreamRejectedError when the LMS does not know the program, or the run is not of it */
  courseLearnersOf(
    programUuid: string,
    courseKey: string,
    options: CallOptions,
  ): AsyncIterable<LmsProgramCourseEnrollment[]>;
}

const family = 'program-enrollments';
/** The LMS has no limit of its own; a page of this size is some hundred kilobytes. */
const pageSize = 1_000;
const mostPages = 1_000;

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

/** Builds the reads over the LMS's client. */
export function createProgramEnrollmentReads(client: Pick<LmsClient, 'request'>): ProgramEnrollmentReads {
  return {
    async *learnersOf(programUuid, options) {
      const path = `/api/program_enrollments/v1/programs/${encodePathSegment(programUuid)}/enrollments/`;
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
    async *courseLearnersOf(programUuid, courseKey, options) {
      const program = `/api/program_enrollments/v1/programs/${encodePathSegment(programUuid)}`;
      const path = `${program}/courses/${encodeCoursePath(courseKey)}/enrollments/`;
      const list = { operation: 'program-course-enrollment.list', path, parse: parseCourseEnrollments } as const;
      for await (const rows of pages(client, list, options))
        yield rows.flatMap(({ externalKey, row: { status, account_exists, course_staff } }) =>
          isOneOf(programCourseStatuses, status)
            ? [{ externalKey, status, courseStaff: course_staff ?? null, hasAccount: account_exists }]
            : [],
        );
    },
  };
}

interface List<Row> {
  operation: LmsOperation;
  path: string;
  parse(body: unknown): { next: string | null; results: Row[] };
}

/** Page by page; rows without a key are the LMS's own, and a row that moved to a later page meanwhile is met once. */
async function* pages<Row extends { student_key: string | null }>(
  client: Pick<LmsClient, 'request'>,
  { operation, path, parse }: List<Row>,
  options: CallOptions,
): AsyncGenerator<{ externalKey: string; row: Row }[]> {
  const readPage = (answer: UpstreamAnswer, cursor: string | undefined) => {
    assertCursorAccepted(answer, cursor);
    const body = accepted(operation, answer);
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

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((each) => each === word);
}
