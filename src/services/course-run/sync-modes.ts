import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { CourseRunEntity } from '../../entities/course-run.entity.js';
import { AppError, DatabaseUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { lackingModes } from './check-modes.js';
import { type SeenModes, storeModes } from './store-modes.js';
import type { ModeSyncReport } from './sync-report.js';

export interface ModeSyncOptions {
  /** Only these; all stored runs that learners can still join otherwise. */
  courseKeys?: readonly string[] | undefined;
  isDryRun: boolean;
  call: CallOptions;
  onProgress?: ((progress: { done: number; failed: number; total: number }) => void) | undefined;
}

/** The LMS tells the modes of one run at a time; so many are asked for together, and stored together. */
const runsAtOnce = 8;

/** Reads the modes of course runs, stores and checks them. A run that fails costs the others nothing. */
export async function syncModes(
  deps: { em: EntityManager; api: Pick<LmsApi, 'courseModes'>; clock: Clock; logger: Logger },
  { courseKeys, isDryRun, call, onProgress }: ModeSyncOptions,
): Promise<ModeSyncReport> {
  const { em, clock, logger } = deps;
  const wanted = await findRuns(em, courseKeys, clock());
  const report: ModeSyncReport = { updated: 0, unchanged: 0, failed: 0, lacking: 0, remarks: [] };
  const fail = (courseKey: string, error: unknown) => {
    if (error instanceof DatabaseUnavailableError) throw error;
    logger.warn({ err: error, courseKey }, 'the modes of a course run could not be synchronised');
    report.failed += 1;
    const reason = error instanceof AppError ? error.message : 'What the LMS says of its modes cannot be stored.';
    report.remarks.push({ key: courseKey, kind: 'FAILED', reason: `Modes: ${reason}` });
  };
  for (let start = 0; start < wanted.length; start += runsAtOnce) {
    call.signal?.throwIfAborted();
    const batch = wanted.slice(start, start + runsAtOnce);
    await Promise.all(
      batch.map(async (courseKey) => {
        const asOf = clock();
        try {
          const seen: SeenModes = { courseKey, modes: await deps.api.courseModes(courseKey, call) };
          const stored = await storeModes(em, [seen], { asOf, isDryRun });
          report.updated += stored.updated;
          report.unchanged += stored.unchanged;
          check(report, seen);
        } catch (error) {
          call.signal?.throwIfAborted();
          fail(courseKey, error);
        }
      }),
    );
    onProgress?.({ done: start + batch.length, failed: report.failed, total: wanted.length });
  }
  return report;
}

function check(report: ModeSyncReport, { courseKey, modes }: SeenModes): void {
  const lacks = lackingModes(modes);
  if (lacks.length === 0) return;
  report.lacking += 1;
  report.remarks.push({ key: courseKey, kind: 'MODES', reason: `It does not offer ${lacks.join(' and ')}.` });
}

/** Stored runs: the named ones, or all that somebody could still join or upgrade in. */
async function findRuns(em: EntityManager, courseKeys: readonly string[] | undefined, now: Date): Promise<string[]> {
  const where = courseKeys ? { courseKey: { $in: [...courseKeys] } } : { $or: [{ end: null }, { end: { $gt: now } }] };
  const rows = await em.fork().find(CourseRunEntity, where, { fields: ['courseKey'], orderBy: { courseKey: 'asc' } });
  return rows.map(({ courseKey }) => courseKey);
}
