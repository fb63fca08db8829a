import type { StoredCourseMode } from '../../entities/course-run.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import type { CourseRunType } from './course-run.type.js';

/**
 * Modes of a run: those that were stored by the last nightly synchronisation, otherwise live. While the LMS is away, the stored ones
 * stand in however old they are.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything
 */
export async function courseModes(
  { courseKey, stored: known }: Pick<CourseRunType, 'courseKey' | 'stored'>,
  { learning, stored, services }: GraphContext,
): Promise<StoredCourseMode[]> {
  const row = known ?? (await stored.courseRun.load(courseKey));
  if (row?.modes && services.courseRuns.hasCurrentModes(row)) return row.modes;
  try {
    const { value } = await learning.courseModes.load(courseKey);
    return value.map((mode) => ({ ...mode, expiresAt: mode.expiresAt?.toISOString() ?? null }));
  } catch (error) {
    if (error instanceof UpstreamUnavailableError && row?.modes) return row.modes;
    throw error;
  }
}
