import { Type } from 'typebox';
import {
  type ProgramCourseStatus,
  type ProgramEnrollmentStatus,
  programCourseStatuses,
  programEnrollmentStatuses,
} from '../../entities/program-enrollment.entity.js';
import { UpstreamRejectedError } from '../../errors.js';
import type { ProgramRef } from '../program/program-ref.js';
import {
  type ListedCourseEnrollment,
  type ListedEnrollment,
  type ProgramEnrollmentReads,
  toListedGrade,
} from '../program/read-enrollments.js';
import type { CallOptions } from '../upstream/call.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, encodePathSegment } from '../upstream/query.js';
import { readJobResult } from './job-result.js';
import { followJob, readBegunJob } from './jobs.js';
import { acceptedOfProgram, explainForbidden, isForbidden } from './refusals.js';
import type { RegistrarClient, RegistrarOperation } from './registrar-client.js';

/** Rows that are handed on at a time: they are stored by one statement. */
const pageSize = 1_000;

const Maybe = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const parseLearners = createParser(
  'registrar',
  Type.Array(
    Type.Object({
      student_key: Type.String(),
      status: Type.String(),
      account_exists: Type.Boolean(),
      // Told where the flag include_name_email_in_get_program_enrollment is on.
      username: Maybe,
    }),
  ),
);
const parseCourseLearners = createParser(
  'registrar',
  Type.Array(
    Type.Object({
      course_id: Type.String(),
      student_key: Type.String(),
      status: Type.String(),
      account_exists: Type.Boolean(),
      course_staff: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    }),
  ),
);
const parseGrades = createParser(
  'registrar',
  Type.Array(
    Type.Object({
      student_key: Type.String(),
      letter_grade: Maybe,
      // With three decimals, as text.
      percent: Type.Optional(Type.Union([Type.String({ pattern: '^\\d+(\\.\\d+)?$' }), Type.Null()])),
      passed: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
      error: Maybe,
    }),
  ),
);

/** Learners by jobs of a Registrar: begun, followed to their end, and their files read. One job for all runs of a program. */
export function createRegistrarReads(client: RegistrarClient): ProgramEnrollmentReads {
  const courseRows = async (program: ProgramRef, path: string, options: CallOptions) =>
    parseCourseLearners(
      await readByJob(client, { program, path, operation: 'program-course-enrollment.begin-list' }, options),
    );
  return {
    async *learnersOf(program, options) {
      const operation = 'program-enrollment.begin-list';
      const rows = parseLearners(await readByJob(client, { program, path: 'enrollments', operation }, options));
      yield* pages(
        once(rows).flatMap(({ student_key, status, account_exists, username }): ListedEnrollment[] =>
          isOneOf<ProgramEnrollmentStatus>(programEnrollmentStatuses, status)
            ? [
                {
                  externalKey: student_key,
                  status,
                  hasAccount: account_exists,
                  curriculumUuid: null,
                  username: username || null,
                },
              ]
            : [],
        ),
      );
    },
    async *courseLearnersOf(program, courseKey, options) {
      const path = `courses/${encodeCoursePath(courseKey)}/enrollments`;
      yield* pages(once(await courseRows(program, path, options)).flatMap(toCourseEnrollment));
    },
    async *gradesOf(program, courseKey, options) {
      const path = `courses/${encodeCoursePath(courseKey)}/grades`;
      const rows = parseGrades(
        await readByJob(client, { program, path, operation: 'program-grade.begin-list' }, options),
      );
      yield* pages(
        once(rows).map(({ student_key, percent, ...row }) =>
          toListedGrade(student_key, { ...row, percent: percent == null ? null : Number(percent) }),
        ),
      );
    },
    async eachCourseLearner(program, runs, take, options) {
      if (runs.length === 0) return;
      const named = new Map(
        runs.flatMap(
          ({ courseKey, externalKey }) =>
            [[courseKey, courseKey], ...(externalKey === null ? [] : [[externalKey, courseKey]])] as [string, string][],
        ),
      );
      const rows = await courseRows(program, 'course_enrollments', options);
      const byRun = Map.groupBy(rows, ({ course_id }) => named.get(course_id));
      for (const [courseKey, ofRun] of byRun)
        if (courseKey !== undefined)
          for (const page of pages(once(ofRun).flatMap(toCourseEnrollment))) await take(courseKey, page);
    },
  };
}

/** Has the Registrar make a list, and reads it. In a program that is none of its kind there is nobody. */
async function readByJob(
  client: RegistrarClient,
  { program: { key }, path, operation }: { program: ProgramRef; path: string; operation: RegistrarOperation },
  options: CallOptions,
): Promise<unknown> {
  try {
    const jobId = await client.request(
      {
        operation,
        family: 'enrollments',
        method: 'GET',
        path: `/api/v1/programs/${encodePathSegment(key)}/${path}?fmt=json`,
        credentials: 'worker',
        // A second job makes the same list.
        isIdempotent: true,
        read: (answer) => readBegunJob(acceptedOfProgram(operation, key, answer)),
      },
      options,
    );
    return await readJobResult(client, await followJob(client, jobId, options), options);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const meaning = await explainForbidden(client, key, options);
    // It keeps enrollments of Masters only: in other programs there is nobody.
    if (meaning instanceof UpstreamRejectedError) return [];
    throw meaning;
  }
}

/** Each key once, in whatever case. */
function once<Row extends { student_key: string }>(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ student_key }) => {
    const key = student_key.toLowerCase();
    return !seen.has(key) && seen.add(key);
  });
}

function toCourseEnrollment({
  student_key,
  status,
  account_exists,
  course_staff,
}: ReturnType<typeof parseCourseLearners>[number]): ListedCourseEnrollment[] {
  if (!isOneOf<ProgramCourseStatus>(programCourseStatuses, status)) return [];
  return [{ externalKey: student_key, status, courseStaff: course_staff ?? null, hasAccount: account_exists }];
}

function* pages<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += pageSize) yield rows.slice(start, start + pageSize);
}

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((each) => each === word);
}
