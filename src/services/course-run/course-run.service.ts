import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type CourseRun, CourseRunEntity } from '../../entities/course-run.entity.js';
import { prepareReadByKeys } from '../../entities/prepared-rows.js';
import { enqueue } from '../../jobs/queue.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { containing } from '../text-search.js';
import { storeRuns } from './store-runs.js';
import type { CourseRunSyncReport } from './sync-report.js';
import { type CourseRunSyncOptions, syncRuns } from './sync-runs.js';

const readCourseRuns = prepareReadByKeys(CourseRunEntity, {
  name: 'course_run_of_keys',
  column: 'course_key',
  type: 'text',
});

/** The course runs of the LMS, as last synchronised. */
export interface CourseRunService {
  /**
   * Takes over course runs of the LMS: those that are named, or the whole catalogue. Runs that the LMS does not list are kept, and
   * reported as missing.
   *
   * @returns undefined when another process is at it
   * @throws UpstreamUnavailableError when the LMS cannot be asked at all; nothing was changed then
   */
  sync(options?: CourseRunSyncOptions): Promise<CourseRunSyncReport | undefined>;
  /** Has the catalogue synchronised soon when there is none yet: after a first start. */
  syncIfEmpty(): Promise<void>;
  /**
   * A run by its key; one that is not known here is asked of the LMS, and kept.
   *
   * @returns undefined when the LMS has no such run
   * @throws UpstreamUnavailableError when only the LMS could say
   */
  lookUp(courseKey: string, options: CallOptions): Promise<CourseRun | undefined>;
  /** Body of the job `look-at-course-run`: takes over a run as the LMS has it now. @throws UpstreamUnavailableError */
  lookAgain(courseKey: string): Promise<void>;
  findByKeys(courseKeys: readonly string[]): Promise<CourseRun[]>;
  /** All runs of these courses, e.g. `DemoU+CS101`. */
  findByCourses(courses: readonly string[]): Promise<CourseRun[]>;
  /** Whether the modes of a stored run come from its last nightly synchronisation, so that nobody needs to ask the LMS. */
  hasCurrentModes(run: Pick<CourseRun, 'modesAsOf'>): boolean;
  findByIds(ids: readonly string[]): Promise<CourseRun[]>;
  list(filter: { text?: string; org?: string; withHidden?: boolean }, page: PageRequest): Promise<Page<CourseRun>>;
}

export interface CourseRunServiceDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'course' | 'courseModes' | 'keyed' | 'readCatalogue'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}

/** A night and some hours, for a run that comes late. */
const modesCurrentMs = 30 * 3_600_000;
/** `course-v1:DemoU+CS101+R1` and `DemoU/CS101/R1` are runs of `DemoU+CS101`. */
const courseOfRun = `replace(regexp_replace(regexp_replace(course_key, '^course-v1:', ''), '[+/][^+/]+$', ''), '/', '+')`;
/** Of what a person should look at, so much is in the log. */
const shownRemarks = 20;

export function createCourseRunService({ em, api, locks, clock, logger }: CourseRunServiceDeps): CourseRunService {
  const findByKeys = (courseKeys: readonly string[]) => readCourseRuns(em, courseKeys);

  const sync = async (options: CourseRunSyncOptions) => {
    const report = await syncRuns({ em, api, clock, logger }, options);
    const { remarks, ...counts } = report;
    const [shown, level] = [remarks.slice(0, shownRemarks), counts.failed > 0 ? 'warn' : 'info'] as const;
    logger[level]({ ...counts, ...(shown.length > 0 && { remarks: shown }) }, 'synchronised the course runs');
    return report;
  };

  return {
    async sync(options = {}) {
      try {
        return await locks.run('sync-course-runs', () => sync(options), { waitMs: options.waitMs ?? 0 });
      } catch (error) {
        if (error instanceof LockBusyError) return undefined;
        throw error;
      }
    },
    async syncIfEmpty() {
      if ((await em.fork().count(CourseRunEntity)) === 0)
        await enqueue(em.fork(), 'sync-course-runs', {}, { key: 'schedule:sync-course-runs', priority: -1 });
    },
    async lookUp(courseKey, options) {
      const [known] = await findByKeys([courseKey]);
      if (known) return known;
      const asOf = clock();
      const run = await api.course(courseKey, options);
      if (!run) return undefined;
      await storeRuns(em, [run], { asOf, isDryRun: false, logger });
      return (await findByKeys([run.courseKey]))[0];
    },
    async lookAgain(courseKey) {
      await publishChange(em.fork(), { topic: 'course-runs', courseKeys: [courseKey] });
      const asOf = clock();
      const run = await api.course(courseKey, { purpose: 'job', priority: 'bulk' });
      if (run) await storeRuns(em, [run], { asOf, isDryRun: false, logger });
    },
    findByKeys,
    findByCourses: (courses) =>
      em.fork().find(CourseRunEntity, { [raw(courseOfRun)]: { $in: [...courses] } }, { orderBy: { courseKey: 'asc' } }),
    hasCurrentModes: ({ modesAsOf }) => modesAsOf != null && clock().getTime() - modesAsOf.getTime() < modesCurrentMs,
    findByIds: (ids) => em.fork().find(CourseRunEntity, { id: { $in: [...ids] } }),
    list({ text, org, withHidden = false }, page) {
      const where: FilterQuery<CourseRun> = {
        ...(org !== undefined && { org }),
        ...(!withHidden && { hidden: false }),
        ...(text?.trim() && {
          $or: [{ title: { $ilike: containing(text) } }, { courseKey: { $ilike: containing(text) } }],
        }),
      };
      return findPage(em.fork(), CourseRunEntity, where, page);
    },
  };
}
