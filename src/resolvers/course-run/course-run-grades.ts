import type { GraphContext } from '../context.js';
import { toGrade } from '../grade/grade.type.js';
import type { GradePage } from '../grade/grade-connection.type.js';
import { pageOfLmsList } from '../page/page-of-lms-list.js';

/**
 * Exact grades of all who take part in a course run, in the LMS's order: who enrolled first comes first. One whose grading fails is
 * missing, as in the LMS.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything: the list is unknown
 * @throws InvalidInputError `BAD_PAGE` for a cursor of another list
 */
export function courseRunGrades(
  courseKey: string,
  page: { size: number; after: string | undefined },
  { learning }: GraphContext,
): Promise<GradePage> {
  return pageOfLmsList(
    {
      read: (cursor) => learning.gradePage.load({ courseKey, cursor }),
      nameOf: ({ username }) => username.toLowerCase(),
      placeOf: (_, index) => index,
      toNodes: async (rows, asOf) =>
        rows.map((value) => toGrade({ value, asOf, stale: false, source: 'lms' }) ?? undefined),
    },
    page,
  );
}
