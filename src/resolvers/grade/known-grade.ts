import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import { type GradeType, toGrade } from './grade.type.js';

/**
 * A learner's grade, live. While the LMS cannot be asked, the one that it was last seen to have stands in, marked stale.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything
 */
export async function knownGrade(
  { ownerId, lmsUsername, courseKey }: { ownerId: string | null; lmsUsername: string; courseKey: string },
  { learning, stored }: GraphContext,
): Promise<GradeType | null> {
  try {
    return toGrade(await learning.grade.load({ username: lmsUsername, courseKey }));
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError) || ownerId === null) throw error;
    const row = await stored.gradeOf.load({ accountId: ownerId, courseKey });
    if (!row) throw error;
    const { percent, letterGrade, passed, asOf } = row;
    const seen = { percent, letterGrade: letterGrade ?? null, passed };
    return { courseKey, lmsUsername, ...seen, freshness: { asOf, stale: true, source: 'lms' } };
  }
}
