import type { AppContext } from '../../app/context.js';
import { UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import { storeRuns } from '../../services/course-run/store-runs.js';
import { demoCourses } from './demo-courses.js';

export interface ConfiguredCourseRun {
  courseKey: string;
  outcome: 'created' | 'unchanged';
}

/** So that they are open, whenever they were made. */
const begin = new Date('2020-01-01T00:00:00Z');

/**
 * Sees to it that Portico has the demo course runs: as the LMS says, or, while that cannot say, as the set-up makes them there.
 */
export async function configureCourseRuns(
  { orm, clock, logger, services: { courseRuns } }: Pick<AppContext, 'orm' | 'clock' | 'logger' | 'services'>,
  { isDryRun = false }: { isDryRun?: boolean } = {},
): Promise<ConfiguredCourseRun[]> {
  const known = new Set(
    (await courseRuns.findByKeys(demoCourses.map((course) => course.courseKey))).map(({ courseKey }) => courseKey),
  );
  return Promise.all(
    demoCourses.map(async ({ courseKey, title, org, number }) => {
      if (known.has(courseKey)) return { courseKey, outcome: 'unchanged' as const };
      if (!isDryRun && !(await isInLms(courseKey))) {
        const unset = {
          shortDescription: null,
          effort: null,
          end: null,
          enrollmentStart: null,
          enrollmentEnd: null,
          imageUrl: null,
        };
        const run = {
          courseKey,
          title,
          org,
          number,
          ...unset,
          start: begin,
          pacing: 'self' as const,
          isInvitationOnly: false,
          isHidden: false,
        };
        await storeRuns(orm.em, [run], { asOf: clock(), isDryRun, logger });
      }
      return { courseKey, outcome: 'created' as const };
    }),
  );

  async function isInLms(courseKey: string): Promise<boolean> {
    try {
      return (await courseRuns.lookUp(courseKey, { purpose: 'request' })) !== undefined;
    } catch (error) {
      if (error instanceof UpstreamUnavailableError || error instanceof UpstreamRejectedError) return false;
      throw error;
    }
  }
}
