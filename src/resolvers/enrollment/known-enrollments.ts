import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { Enrollment } from '../../entities/enrollment.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import { type Freshness, toFreshness } from '../upstream/freshness.type.js';

/** All that is known of an account's enrollments, and how recent the LMS's part of it is. */
export interface KnownEnrollments {
  rows: Enrollment[];
  /** Null when the LMS was not asked, since it has no user of this account. */
  freshness: Freshness | null;
}

/**
 * The LMS's list together with what was asked for here, in the LMS's order: newest first. While the LMS cannot be asked, what
 * it said before stays.
 *
 * @param onSeen - told what the LMS lists before it is stored
 * @throws {@link UpstreamUnavailableError} when the LMS cannot be asked and never said anything: the list is unknown
 */
export async function knownEnrollments(
  accountId: string,
  context: GraphContext,
  onSeen: (rows: readonly LmsEnrollment[]) => void = () => {},
): Promise<KnownEnrollments> {
  const { stored, learning } = context;
  const lmsUsername = (await stored.edxLinkOf.load(accountId))?.edxUsername;
  if (!lmsUsername) return { rows: inOrder(await stored.enrollmentsOf.load(accountId)), freshness: null };
  try {
    // Both at the same time: what changes here meanwhile is looked at again by whatever would write.
    const [seen, local] = await Promise.all([
      learning.enrollmentsOf.load(lmsUsername).then((answer) => {
        onSeen(answer.value);
        return answer;
      }),
      stored.enrollmentsOf.load(accountId),
    ]);
    const rows = await stored.seenEnrollments.load({
      accountId,
      lmsUsername,
      rows: seen.value,
      asOf: seen.asOf,
      local,
    });
    const places = new Map(seen.value.map((row, place) => [row.courseKey, place]));
    return { rows: inOrder(rows, places), freshness: toFreshness(seen) };
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError)) throw error;
    const rows = await stored.enrollmentsOf.load(accountId);
    const confirmedAt = rows.flatMap((row) => (row.confirmedAt ? [row.confirmedAt.getTime()] : []));
    if (confirmedAt.length === 0) throw error;
    return { rows: inOrder(rows), freshness: { asOf: new Date(Math.min(...confirmedAt)), stale: true, source: 'lms' } };
  }
}

/** @param places - where a course run stands in the LMS's list; decides between enrollments of one moment */
function inOrder(rows: readonly Enrollment[], places: ReadonlyMap<string, number> = new Map()): Enrollment[] {
  const placeOf = (row: Enrollment) => places.get(row.courseKey) ?? -1;
  return rows.toSorted((a, b) => enrolledAt(b) - enrolledAt(a) || placeOf(a) - placeOf(b) || (a.id < b.id ? 1 : -1));
}

function enrolledAt(row: Enrollment): number {
  return (row.lmsCreatedAt ?? row.createdAt).getTime();
}
