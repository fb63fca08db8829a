import { Type } from 'typebox';
import { UpstreamRejectedError } from '../../errors.js';
import type { LmsClient } from '../lms/lms-client.js';
import { accepted, assertCursorAccepted, errorCodeOf } from '../lms/refusals.js';
import { CursorPage, Nullable } from '../lms/wire-types.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { PageGuard, readPageArgument } from '../upstream/page-argument.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, encodePathSegment, queryString } from '../upstream/query.js';
import type { BatchAnswer, EnrollmentStore, WritePlace } from './enrollment-store.js';
import type { EnrollmentPlace, PresentEnrollment } from './find-enrollments.js';
import { foldKey } from './judge-row.js';
import { lmsIdOf } from './program-ref.js';
import { explainRefusal, type RowAnswer, readRowAnswers } from './write-answer.js';

/** Most rows of a page; the LMS has no limit of its own. */
const pageSize = 1_000;
const mostPages = 1_000;

const parsePage = createParser(
  'lms',
  CursorPage(Type.Object({ student_key: Nullable(Type.String()), status: Type.String() })),
);

/**
 * Enrollments in the LMS.
 *
 * @see LMS, `GET`, `POST`, `PATCH` and `PUT` of `/api/program_enrollments/v1/programs/{uuid}/[courses/{key}/]enrollments/`
 */
export function createLmsEnrollmentStore(client: Pick<LmsClient, 'request'>): EnrollmentStore {
  return {
    upstream: 'lms',
    list: (place, options) => list(client, place, options),
    send: ({ place, method, options }, rows) =>
      client.request(
        {
          operation: 'program-enrollment.write',
          family: 'program-enrollments',
          method,
          path: enrollmentsPath(place),
          body: {
            json: rows.map(({ externalKey, status, courseStaff }) => ({
              student_key: externalKey,
              status,
              ...(place.courseKey === undefined && method !== 'PATCH' && { curriculum_uuid: place.curriculumUuid }),
              ...(place.courseKey !== undefined && courseStaff !== undefined && { course_staff: courseStaff }),
            })),
          },
          credentials: 'worker',
          isIdempotent: method !== 'POST',
          reads500: true,
          read: (answer) => readAnswer(answer, place, method === 'POST'),
        },
        options,
      ),
  };
}

/** @throws ConflictError when the program is tied to none of the LMS */
function enrollmentsPath({ program, courseKey }: EnrollmentPlace): string {
  const course = courseKey === undefined ? '' : `courses/${encodeCoursePath(courseKey)}/`;
  return `/api/program_enrollments/v1/programs/${encodePathSegment(lmsIdOf(program))}/${course}enrollments/`;
}

/** What the LMS says of a course run that it does not have, or not in this program. */
const courseCodes = new Set(['course_does_not_exist', 'invalid_course_key', 'course_not_in_program']);
const unknownCourse: RowAnswer = {
  outcome: 'COURSE_NOT_FOUND',
  reason: 'The LMS does not have this course run in the program. Its command cache_programs brings it up to date.',
};

function readAnswer(answer: UpstreamAnswer, { courseKey }: WritePlace, isAddition: boolean): BatchAnswer {
  const { status, body } = answer;
  if (status === 403) throw unavailable('lms', 'credentials', { status });
  if (status === 404) {
    if (courseCodes.has(errorCodeOf(body) ?? '')) return { kind: 'all', answer: unknownCourse };
    throw programNotThere(answer);
  }
  const answers = status < 300 || status === 422 ? readRowAnswers(body, courseKey ? 'course' : 'program') : undefined;
  if (answers) return { kind: 'rows', answers };
  if (status < 300) throw unavailable('lms', 'bad-answer', { status, mayHaveHappened: isAddition });
  if (status === 500)
    return {
      kind: 'failed',
      what: 'The LMS fails with this row. Is the learner in the program by another key, and does the LMS know the organization?',
      status,
    };
  return { kind: 'refused', alone: { outcome: 'UPSTREAM_REJECTED', reason: explainRefusal(body) } };
}

/** The error for a 404 of the program enrollments API: a program that the LMS does not have, or what else it says. */
export function programNotThere(answer: UpstreamAnswer): UpstreamRejectedError {
  const code = errorCodeOf(answer.body);
  if (code === undefined || code === 'program_does_not_exist')
    return new UpstreamRejectedError(
      'The LMS does not know this program. It learns of programs by its command cache_programs: run that, then try again.',
      { upstream: 'lms', status: 404, body: answer.body },
    );
  return rejected('lms', 'program-enrollment.write', answer);
}

async function* list(
  client: Pick<LmsClient, 'request'>,
  place: EnrollmentPlace,
  options: CallOptions,
): AsyncGenerator<PresentEnrollment[]> {
  const guard = new PageGuard('lms', mostPages);
  for (let cursor: string | undefined; ; ) {
    const from = cursor;
    const page = await client.request(
      {
        operation: 'program-enrollment.find',
        family: 'program-enrollments',
        method: 'GET',
        path: `${enrollmentsPath(place)}${queryString({ page_size: pageSize, cursor: from })}`,
        credentials: 'worker',
        isIdempotent: true,
        read: (answer) => {
          assertCursorAccepted(answer, from);
          const { next, results } = parsePage(accepted('program-enrollment.find', answer));
          return { next: readPageArgument('lms', next, 'cursor'), results };
        },
      },
      options,
    );
    yield page.results.flatMap(({ student_key, status }) =>
      student_key === null ? [] : [{ foldedKey: foldKey(student_key), status }],
    );
    if (page.next === undefined) return;
    cursor = guard.follow(page.next);
  }
}
