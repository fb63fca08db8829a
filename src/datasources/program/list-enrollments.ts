import { Type } from 'typebox';
import type { LmsClient } from '../lms/lms-client.js';
import { accepted, assertCursorAccepted } from '../lms/refusals.js';
import { CursorPage, Maybe, Nullable } from '../lms/wire-types.js';
import type { CallOptions } from '../upstream/call.js';
import { PageGuard, readPageArgument } from '../upstream/page-argument.js';
import { createParser, createRowsParser } from '../upstream/parser.js';
import { queryString } from '../upstream/query.js';
import { type EnrollmentPlace, enrollmentsPath } from './find-enrollments.js';

/** A learner in a program, or in a course run of one, as the LMS lists them. */
export interface ListedEnrollment {
  externalKey: string;
  /** In the words of the LMS. */
  status: string;
  /** Whether the LMS knows who the learner is. */
  hasAccount: boolean;
  /** Of the program's list only; null while the LMS does not know them, or does not say. */
  lmsUsername: string | null;
}

/** Most rows of a page; the LMS has no limit of its own. */
const pageSize = 500;
const mostPages = 400;

const parsePage = createParser('lms', CursorPage(Type.Unknown()));
const parseRows = createRowsParser(
  'lms',
  Type.Object({
    /** The LMS makes enrollments without a key by itself. */
    student_key: Nullable(Type.String()),
    status: Type.String(),
    account_exists: Type.Boolean(),
    username: Maybe(Type.String()),
  }),
);

/**
 * All learners of a place, a page at a time, each once. Those without a key, and rows that cannot be read, are left out: they do not
 * cost the others.
 *
 * @param onMisfit - told of each row that cannot be read
 * @throws UpstreamRejectedError when the LMS does not know the program or the run
 * @see LMS, `GET /api/program_enrollments/v1/programs/{uuid}/enrollments/`
 */
export async function* listEnrollments(
  client: Pick<LmsClient, 'request'>,
  place: EnrollmentPlace,
  { onMisfit = () => {}, ...options }: CallOptions & { onMisfit?: (why: string) => void },
): AsyncGenerator<ListedEnrollment[]> {
  const guard = new PageGuard('lms', mostPages);
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const from = cursor;
    const page = await client.request(
      {
        operation: 'program-enrollment.list',
        family: 'program-enrollments',
        method: 'GET',
        path: `${enrollmentsPath(place)}${queryString({ page_size: pageSize, cursor: from })}`,
        credentials: 'worker',
        isIdempotent: true,
        read: (answer) => {
          assertCursorAccepted(answer, from);
          const { next, results } = parsePage(accepted('program-enrollment.list', answer));
          return { next: readPageArgument('lms', next, 'cursor'), ...parseRows(results) };
        },
      },
      options,
    );
    for (const { why } of page.misfits) onMisfit(why);
    const fresh = page.rows.flatMap(({ student_key, status, account_exists, username }): ListedEnrollment[] => {
      // Pages shift while somebody writes: the same learner may come twice.
      if (student_key === null || seen.has(student_key)) return [];
      seen.add(student_key);
      return [{ externalKey: student_key, status, hasAccount: account_exists, lmsUsername: username || null }];
    });
    yield fresh;
    if (page.next === undefined) return;
    cursor = guard.follow(page.next);
  }
}
