import type { EnrollmentFilter, LmsEnrollment } from '../lms/enrollments.js';
import type { LmsFeature } from '../release-memory.js';
import type { CallOptions } from '../upstream/call.js';
import { PageGuard } from '../upstream/page-argument.js';
import type { EnrollmentCalls } from './metered-reads.js';

/** The LMS answered rows that the filter excludes: this release does not know the filter, and would page through everything. */
export class FilterIgnoredError extends Error {
  override readonly name = 'FilterIgnoredError';
  constructor(readonly feature: LmsFeature) {
    super(`the LMS ignored a filter: ${feature}`);
  }
}

/** 100 rows each. */
const maxPages = 500;

/**
 * All rows of a filter, page after page, each row once: a scan is no snapshot, and rows can come twice.
 *
 * @throws {@link FilterIgnoredError} before a second page is read
 */
export async function readAllRows(
  api: Pick<EnrollmentCalls, 'enrollmentPage'>,
  filter: EnrollmentFilter,
  options: CallOptions,
): Promise<LmsEnrollment[]> {
  const rows = new Map<string, LmsEnrollment>();
  const guard = new PageGuard('lms', maxPages);
  let cursor: string | undefined;
  do {
    const page = await api.enrollmentPage(filter, cursor, options);
    for (const row of page.rows) {
      assertWithin(filter, row);
      rows.set(`${row.username.toLowerCase()} ${row.courseKey}`, row);
    }
    cursor = page.cursor === undefined ? undefined : guard.follow(page.cursor);
  } while (cursor !== undefined);
  const { courseKey, courseKeys = courseKey === undefined ? undefined : [courseKey] } = filter;
  const isWanted = (row: LmsEnrollment) => courseKeys === undefined || courseKeys.includes(row.courseKey);
  return [...rows.values()].filter(isWanted);
}

function assertWithin({ usernames, courseKey, courseKeys }: EnrollmentFilter, row: LmsEnrollment): void {
  const [user, course] = [row.username.toLowerCase(), row.courseKey.toLowerCase()];
  if (usernames && !usernames.some((name) => name.toLowerCase() === user))
    throw new FilterIgnoredError('enrollment-usernames');
  // The filter by several runs matches parts of keys.
  if (courseKeys && !courseKeys.some((key) => course.includes(key.toLowerCase())))
    throw new FilterIgnoredError('enrollment-course-keys');
  if (courseKey !== undefined && course !== courseKey.toLowerCase()) throw new FilterIgnoredError('enrollment-list');
}
