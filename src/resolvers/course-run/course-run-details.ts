import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import type { Freshness } from '../upstream/freshness.type.js';
import type { CourseRunType } from './course-run.type.js';

/** What the LMS's catalogue says of a run, from wherever it is known. */
export interface CourseRunDetails {
  title: string | null;
  org: string | null;
  start: Date | null;
  end: Date | null;
  enrollmentStart: Date | null;
  enrollmentEnd: Date | null;
  pacing: string | null;
  invitationOnly: boolean;
  imageUrl: string | null;
  freshness: Freshness;
}

/**
 * Details of a run: of the stored catalogue when the run came from it, otherwise live. While the LMS is away the stored
 * catalogue stands in.
 *
 * @returns `undefined` when the LMS has no such run
 */
export async function courseRunDetails(
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
