import type { RosterPage } from '../../datasources/enrollment/roster-page.js';
import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { Sourced } from '../../datasources/sourced.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { type EnrollmentFilter, matchesFilter } from '../../services/enrollment/filter.js';
import type { GraphContext } from '../context.js';
import type { EnrollmentType } from '../enrollment/enrollment.type.js';
import type { EnrollmentPage } from '../enrollment/enrollment-connection.type.js';
import { joinAccounts } from '../enrollment/lms-enrollments.js';
import type { EdgeOf } from '../page/connection.type.js';
import { type Freshness, toFreshness } from '../upstream/freshness.type.js';
import { badCursor, type RosterPlace, readRosterCursor, rowsAfter, toRosterCursor } from './roster-cursor.js';

/** Pages of the LMS, of 100 learners each, that one page with a filter may look through before it is answered as it is. */
const maxPagesLookedThrough = 10;

/** A part of the list, as it was read. */
interface RosterPart {
  rows: { row: LmsEnrollment; place: RosterPlace; isLast: boolean }[];
  read: Sourced<RosterPage>;
}

/**
 * Learners of a course run as the LMS lists them, inactive ones included: read a page of the LMS at a time, as far as the page
 * that is asked for reaches. With a filter a page may be shorter than asked for although more follow.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything: the list is unknown
 * @throws InvalidInputError `BAD_PAGE` for a cursor of another list
 */
export async function courseRunEnrollments(
  courseKey: string,
  { size, after, filter }: { size: number; after: string | undefined; filter: EnrollmentFilter },
  context: GraphContext,
): Promise<EnrollmentPage> {
  const edges: EdgeOf<EnrollmentType>[] = [];
  const now = new Date();
  let end: RosterPart['rows'][number] | undefined;
  let freshness: Freshness | null = null;
  let [isFull, partsRead] = [false, 0];
  for await (const { rows, read } of rosterParts(courseKey, after, context)) {
    freshness = older(freshness, toFreshness(read));
    const joined = await joinAccounts(
      rows.map(({ row }) => row),
      read.asOf,
      context,
    );
    for (const [at, { node, facts }] of joined.entries()) {
      isFull = edges.length >= size;
      const next = rows[at];
      if (isFull || !next) break;
      end = next;
      if (matchesFilter(facts, filter, now)) edges.push({ node, cursor: toRosterCursor(next.place) });
    }
    partsRead += 1;
    if (isFull || edges.length >= size || partsRead === maxPagesLookedThrough) break;
  }
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: end ? !end.isLast : isFull,
      hasPreviousPage: after !== undefined,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: end ? toRosterCursor(end.place) : null,
    },
    // The LMS counts nobody, and to read them all for it would be dear.
    totalCount: async () => null,
    freshness,
  };
}

async function* rosterParts(
  courseKey: string,
  after: string | undefined,
  context: GraphContext,
): AsyncGenerator<RosterPart> {
  const start: RosterPlace = after === undefined ? { page: undefined, row: undefined } : readRosterCursor(after);
  let place: RosterPlace | undefined = start;
  while (place) {
    const { page }: RosterPlace = place;
    const read = await readRosterPage({ courseKey, cursor: page }, place === start && page !== undefined, context);
    const { rows, cursor } = read.value;
    const next = cursor === undefined ? undefined : { page: cursor, row: undefined };
    const last = rows.at(-1);
    yield {
      read,
      rows: rowsAfter(rows, place).map((row) => ({
        row,
        isLast: row === last && !next,
        place: row === last && next ? next : { page, row },
      })),
    };
    place = next;
  }
}

/** @param isGiven - whether the client brought the cursor, which the LMS may then refuse with good reason */
async function readRosterPage(
  key: { courseKey: string; cursor: string | undefined },
  isGiven: boolean,
  { learning }: GraphContext,
): Promise<Sourced<RosterPage>> {
  try {
    return await learning.rosterPage.load(key);
  } catch (error) {
    const isRefused = error instanceof UpstreamUnavailableError && error.why === 'bad-answer' && error.status === 404;
    throw isGiven && isRefused ? badCursor() : error;
  }
}

function older(one: Freshness | null, other: Freshness): Freshness {
  if (!one) return other;
  const [asOf] = [one.asOf, other.asOf].sort((a, b) => a.getTime() - b.getTime());
  return { ...other, asOf: asOf ?? other.asOf, stale: one.stale || other.stale };
}
