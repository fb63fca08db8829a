import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { readPageArgument } from '../upstream/page-argument.js';
import { encodeCoursePath, queryString } from '../upstream/query.js';
import { parseGradePage, parseGradeRows, parseGrades, type WireGrade } from './grades.wire.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall, LmsOperation } from './operations.js';
import { accepted, assertCursorAccepted, errorCodeOf, isObject } from './refusals.js';

/** The stored course grade. A learner without graded work has 0 and no letter. */
export interface LmsGrade {
  username: string;
  courseKey: string;
  /** 0..1; above 1 with extra credit. */
  percent: number;
  letterGrade: string | null;
  isPassed: boolean;
}

/** A row of the list that could not be read. */
export interface OddGrade {
  /** Undefined when not even that can be told. */
  username: string | undefined;
  why: string;
}

export interface GradePage {
  rows: LmsGrade[];
  odd: OddGrade[];
  /** False when the LMS has no such course run. */
  hasCourse: boolean;
  cursor: string | undefined;
}

/** What the LMS says when there is no grade because there is no such learner, run, or enrollment of the one in the other. */
const noGradeCodes = new Set([
  'user_not_enrolled',
  'user_does_not_exist',
  'course_does_not_exist',
  'invalid_course_key',
]);

/** Grades API v1; not throttled. */
export interface GradeReads {
  /** One grade, of an inactive enrollment too; undefined when the learner never enrolled. */
  gradesOf(courseKey: string, username: string, options: CallOptions): Promise<LmsGrade | undefined>;
  /** One page of the grades of all active learners of a run; rows whose grading fails are missing. */
  gradePage(
    courseKey: string,
    page: { size: number; cursor: string | undefined },
    options: CallOptions,
  ): Promise<GradePage>;
}

export function createGradeReads(client: LmsClient): GradeReads {
  const read = <T>(
    operation: LmsOperation,
    courseKey: string,
    query: string,
    readAnswer: (answer: UpstreamAnswer) => T,
  ) =>
    ({
      operation,
      family: 'grades',
      method: 'GET',
      path: `/api/grades/v1/courses/${encodeCoursePath(courseKey)}/${query}`,
      credentials: 'worker',
      isIdempotent: true,
      read: readAnswer,
    }) satisfies LmsCall<T>;
  return {
    gradesOf(courseKey, username, options) {
      const call = read('grade.read', courseKey, queryString({ username }), (answer) => {
        if (isNoGrade(answer)) return undefined;
        const [row] = parseGrades(accepted('grade.read', answer));
        if (!row) throw unavailable('lms', 'bad-answer', { status: answer.status });
        return fromGrade(row);
      });
      return client.request(call, options);
    },
    gradePage(courseKey, { size, cursor }, options) {
      const call = read('grade.list', courseKey, queryString({ page_size: size, cursor }), (answer): GradePage => {
        if (isNoGrade(answer)) return { rows: [], odd: [], hasCourse: false, cursor: undefined };
        assertCursorAccepted(answer, cursor);
        const page = parseGradePage(accepted('grade.list', answer));
        const [results, next] = Array.isArray(page) ? [page, null] : [page.results, page.next];
        const { rows, misfits } = parseGradeRows(results);
        return {
          rows: rows.map(fromGrade),
          odd: misfits.map(({ row, why }) => ({ username: usernameOf(row), why })),
          hasCourse: true,
          cursor: readPageArgument('lms', next, 'cursor'),
        };
      });
      return client.request(call, options);
    },
  };
}

/** Whether the LMS says that there is no such learner, run, or enrollment of the one in the other. */
export function isNoGrade(answer: UpstreamAnswer): boolean {
  return answer.status === 404 && noGradeCodes.has(errorCodeOf(answer.body) ?? '');
}

function usernameOf(row: unknown): string | undefined {
  return isObject(row) && typeof row.username === 'string' ? row.username : undefined;
}

function fromGrade(row: WireGrade): LmsGrade {
  return {
    username: row.username,
    courseKey: row.course_id,
    percent: row.percent,
    letterGrade: row.letter_grade,
    isPassed: row.passed,
  };
}
