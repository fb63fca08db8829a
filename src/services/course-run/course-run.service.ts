import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type CourseRun, CourseRunEntity } from '../../entities/course-run.entity.js';
import { enqueue } from '../../jobs/queue.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { containing } from '../text-search.js';
import { type CourseRunSyncCounts, storeCatalogue, storeRuns } from './sync.js';

/** The course runs of the LMS, as last synchronised. */
export interface CourseRunService {
  /**
   * Takes over the whole catalogue. Runs that the LMS no longer lists are kept, and counted as missing.
   *
   * @returns undefined when another process is at it
   * @throws UpstreamUnavailableError, then nothing was changed
   */
  sync(purpose?: 'schedule' | 'job'): Promise<CourseRunSyncCounts | undefined>;
  /** Has the catalogue synchronised soon when there is none yet: after a first start. */
  syncIfEmpty(): Promise<void>;
  /**
   * A run by its key; one that is not known here is asked of the LMS, and kept.
   *
   * @returns undefined when the LMS has no such run
   * @throws UpstreamUnavailableError when only the LMS could say
   */
  lookUp(courseKey: string, options: CallOptions): Promise<CourseRun | undefined>;
  findByKeys(courseKeys: readonly string[]): Promise<CourseRun[]>;
  findByIds(ids: readonly string[]): Promise<CourseRun[]>;
  list(filter: { text?: string; org?: string; withHidden?: boolean }, page: PageRequest): Promise<Page<CourseRun>>;
}

export interface CourseRunServiceDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'courses' | 'course'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}

export function createCourseRunService({ em, api, locks, clock, logger }: CourseRunServiceDeps): CourseRunService {
  const findByKeys = (courseKeys: readonly string[]) =>
    em.fork().find(CourseRunEntity, { courseKey: { $in: [...courseKeys] } });

  const sync = async (purpose: 'schedule' | 'job') => {
    const asOf = clock();
    const runs = await api.courses({ all: true }, { purpose, priority: 'bulk' });
    const counts = await storeCatalogue(em, runs, asOf);
    logger.info(counts, 'synchronised the course runs');
    return counts;
  };

  return {
    async sync(purpose = 'schedule') {
      try {
        return await locks.run('sync-course-runs', () => sync(purpose));
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
      await storeRuns(em, [run], asOf);
      return (await findByKeys([run.courseKey]))[0];
    },
    findByKeys,
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
