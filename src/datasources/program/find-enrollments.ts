import { Type } from 'typebox';
import type { LmsClient } from '../lms/lms-client.js';
import { accepted, assertCursorAccepted } from '../lms/refusals.js';
import { CursorPage, Nullable } from '../lms/wire-types.js';
import type { CallOptions } from '../upstream/call.js';
import { PageGuard, readPageArgument } from '../upstream/page-argument.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, encodePathSegment, queryString } from '../upstream/query.js';
import { foldKey } from './judge-row.js';

/** A program of the LMS, or one course run of it. */
export interface EnrollmentPlace {
  programUuid: string;
  courseKey?: string | undefined;
}

/** What the LMS has of one learner. */
export interface PresentEnrollment {
  /** As it is compared. */
  foldedKey: string;
  status: string;
}

/** Most rows of a page; the LMS has no limit of its own. */
const pageSize = 1_000;
const mostPages = 1_000;

const parsePage = createParser(
  'lms',
  CursorPage(Type.Object({ student_key: Nullable(Type.String()), status: Type.String() })),
);

/** Path of the enrollments of a place. */
export function enrollmentsPath({ programUuid, courseKey }: EnrollmentPlace): string {
  const course = courseKey === undefined ? '' : `courses/${encodeCoursePath(courseKey)}/`;
  return `/api/program_enrollments/v1/programs/${encodePathSegment(programUuid)}/${course}enrollments/`;
}

/**
 * Everything that the LMS has in a place, a page at a time. Learners without a key are left out: the LMS made them by itself.
 *
 * @see LMS, `GET /api/program_enrollments/v1/programs/{uuid}/enrollments/`
 */
export async function* listPresent(
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

/**
 * Looks for some learners in a place. The LMS cannot be asked for them alone, so that its list is read until all are found.
 *
 * @param keys - as they are compared
 * @returns their statuses, by folded key
 */
export async function findPresent(
  client: Pick<LmsClient, 'request'>,
  place: EnrollmentPlace,
  keys: ReadonlySet<string>,
  options: CallOptions,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (keys.size === 0) return found;
  for await (const page of listPresent(client, place, options)) {
    for (const { foldedKey, status } of page) if (keys.has(foldedKey)) found.set(foldedKey, status);
    if (found.size === keys.size) break;
  }
  return found;
}
