import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import type { CourseRunDetails, CourseRunType } from './course-run.type.js';

/** Reads them for the first field of a run that asks; the others share what it finds. */
export function detailsOf(run: CourseRunType, context: GraphContext): Promise<CourseRunDetails | undefined> {
  run.details ??= courseRunDetails(run, context);
  return run.details;
}

/**
 * Details of a run: of the stored catalogue when the run came from it, otherwise live. While the LMS is away the stored
 * catalogue stands in.
 *
 * @returns `undefined` when the LMS has no such run
 */
async function courseRunDetails(
  { courseKey, stored }: CourseRunType,
  { learning, stored: rows }: GraphContext,
): Promise<CourseRunDetails | undefined> {
  if (stored) return fromRow(stored, false);
  try {
    const { value, asOf, stale, source } = await learning.courseRun.load(courseKey);
    return value && { ...value, invitationOnly: value.isInvitationOnly, freshness: { asOf, stale, source } };
  } catch (error) {
    const row = error instanceof UpstreamUnavailableError ? await rows.courseRun.load(courseKey) : undefined;
    if (!row) throw error;
    return fromRow(row, true);
  }
}

function fromRow(row: NonNullable<CourseRunType['stored']>, stale: boolean): CourseRunDetails {
  return {
    title: row.title,
    org: row.org,
    start: row.start ?? null,
    end: row.end ?? null,
    enrollmentStart: row.enrollmentStart ?? null,
    enrollmentEnd: row.enrollmentEnd ?? null,
    pacing: row.pacing ?? null,
    invitationOnly: row.invitationOnly,
    imageUrl: row.imageUrl ?? null,
    freshness: { asOf: row.asOf, stale, source: 'lms' },
  };
}
