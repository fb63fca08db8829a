import type { EnrollmentReads, LmsEnrollment } from '../lms/enrollments.js';
import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';

/** One page of the learners of a course run, in the LMS's own order: who enrolled last comes first. */
export interface RosterPageKey {
  courseKey: string;
  /** Of the LMS; undefined for the first page. */
  cursor: string | undefined;
}

export interface RosterPage {
  /** Each learner once, inactive ones included. */
  rows: LmsEnrollment[];
  /** Of the next page; undefined on the last. */
  cursor: string | undefined;
}

/** Name of a page among answers. */
export function rosterPageNameOf({ courseKey, cursor = '' }: RosterPageKey): string {
  return `${courseKey} ${cursor}`;
}

/**
 * @throws UpstreamUnavailableError (`bad-answer`) when the LMS answers rows of other course runs, or a page that leads to itself:
 *   what it says is no list of this run
 */
export async function readRosterPage(
  api: Pick<EnrollmentReads, 'enrollmentPage'>,
  { courseKey, cursor }: RosterPageKey,
  options: CallOptions,
): Promise<RosterPage> {
  const page = await api.enrollmentPage({ courseKey }, cursor, options);
  const isForeign = (row: LmsEnrollment) => row.courseKey.toLowerCase() !== courseKey.toLowerCase();
  if (page.rows.some(isForeign) || (page.cursor !== undefined && page.cursor === cursor))
    throw unavailable('lms', 'bad-answer', { cause: new Error('a list of enrollments of another course run') });
  const rows = new Map(
    page.rows.filter((row) => row.courseKey === courseKey).map((row) => [row.username.toLowerCase(), row]),
  );
  return { rows: [...rows.values()], cursor: page.cursor };
}
