import { type EnrollmentFilter, matchesFilter } from '../../services/enrollment/filter.js';
import type { GraphContext } from '../context.js';
import type { EnrollmentPage } from '../enrollment/enrollment-connection.type.js';
import { joinAccounts } from '../enrollment/lms-enrollments.js';
import { pageOfLmsList } from '../page/page-of-lms-list.js';

/**
 * Learners of a course run as the LMS lists them, inactive ones included: who enrolled last comes first.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything: the list is unknown
 * @throws InvalidInputError `BAD_PAGE` for a cursor of another list
 */
export async function courseRunEnrollments(
  courseKey: string,
  { filter, ...page }: { size: number; after: string | undefined; filter: EnrollmentFilter },
  context: GraphContext,
): Promise<EnrollmentPage> {
  const now = new Date();
  return pageOfLmsList(
    {
      read: (cursor) => context.learning.rosterPage.load({ courseKey, cursor }),
      nameOf: ({ username }) => username.toLowerCase(),
      placeOf: ({ createdAt }) => -(createdAt?.getTime() ?? 0),
      async toNodes(rows, asOf) {
        const joined = await joinAccounts(rows, asOf, context);
        return joined.map(({ node, facts }) => (matchesFilter(facts, filter, now) ? node : undefined));
      },
    },
    page,
  );
}
