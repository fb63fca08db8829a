import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isCourseKey } from '../../datasources/course-key.js';
import type { LmsCourseRun } from '../../datasources/lms/courses.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { CourseRunEntity } from '../../entities/course-run.entity.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { storeRuns } from './store-runs.js';
import { syncModes } from './sync-modes.js';
import { type CourseRunRemark, type CourseRunSyncReport, emptyReport } from './sync-report.js';

export interface CourseRunSyncOptions {
  /** Only these runs; the whole catalogue of the LMS otherwise. */
  courseKeys?: readonly string[];
  /** Also reads the modes, one call a run: of the named runs, or of all that learners can still join. */
  withModes?: boolean;
  /** Says what would be written, and writes nothing. */
  isDryRun?: boolean;
  purpose?: 'schedule' | 'job';
  /** How long to wait for another process that is at it. */
  waitMs?: number;
  /** Ends it early, by throwing the signal's reason; what was stored stays. */
  signal?: AbortSignal;
  /** `total` may grow while the LMS's catalogue does. */
  onProgress?(progress: { done: number; failed: number; total: number }): void;
}

export interface SyncRunsDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'keyed' | 'readCatalogue' | 'courseModes'>;
  clock: Clock;
  logger: Logger;
}

/** What the LMS answered: runs, and runs of which it is not known what it would say. */
interface Answered {
  runs: LmsCourseRun[];
  failed: CourseRunRemark[];
  missing: string[];
}

/** Runs of one page of the catalogue, as many as the LMS puts there. */
const pageSize = 100;
/** Runs by key are asked for in so many at a time, and stored before the next are asked for. */
const keysAtOnce = 500;

/**
 * Takes course runs of the LMS over into the database. Unchanged ones are not written. A page, a batch or a run that fails costs the
 * others nothing.
 *
 * @throws {@link UpstreamUnavailableError} when not even the first page of the catalogue can be had; nothing is changed then
 */
export async function syncRuns(deps: SyncRunsDeps, options: CourseRunSyncOptions): Promise<CourseRunSyncReport> {
  const report = emptyReport();
  if (options.courseKeys) await syncNamed(deps, options.courseKeys, options, report);
  else await syncCatalogue(deps, options, report);
  if (options.withModes) await addModes(deps, options, report);
  return report;
}

async function addModes(deps: SyncRunsDeps, options: CourseRunSyncOptions, report: CourseRunSyncReport): Promise<void> {
  const { courseKeys, isDryRun = false, onProgress } = options;
  const { remarks, ...modes } = await syncModes(deps, { courseKeys, isDryRun, call: callOptions(options), onProgress });
  report.modes = modes;
  report.remarks.push(...remarks);
}

async function syncNamed(
  deps: SyncRunsDeps,
  courseKeys: readonly string[],
  options: CourseRunSyncOptions,
  report: CourseRunSyncReport,
): Promise<void> {
  const wanted = [...new Set(courseKeys)];
  const valid = wanted.filter((key) => isCourseKey(key));
  skip(
    report,
    wanted.filter((key) => !isCourseKey(key)),
  );
  for (let start = 0; start < valid.length; start += keysAtOnce) {
    options.signal?.throwIfAborted();
    const asOf = deps.clock();
    const answered = await readByKey(deps, valid.slice(start, start + keysAtOnce), callOptions(options));
    await takeOver(deps, answered, asOf, options, report);
    options.onProgress?.({
      done: Math.min(start + keysAtOnce, valid.length) + report.skipped,
      failed: report.failed + report.missing + report.skipped,
      total: wanted.length,
    });
  }
}

async function syncCatalogue(deps: SyncRunsDeps, options: CourseRunSyncOptions, report: CourseRunSyncReport) {
  const asOf = deps.clock();
  const { runs, odd, failedPages } = await deps.api.readCatalogue(callOptions(options), ({ read, of }) =>
    options.onProgress?.({ done: read * pageSize, failed: 0, total: of * pageSize }),
  );
  const valid = runs.filter(({ courseKey }) => isCourseKey(courseKey));
  skip(
    report,
    runs.map(({ courseKey }) => courseKey).filter((key) => !isCourseKey(key)),
  );
  const failed = [
    ...odd.map(({ courseKey, why }) => ({
      key: courseKey ?? 'a run without a key',
      kind: 'UNREADABLE' as const,
      reason: `It is odd: ${why}.`,
    })),
    ...failedPages.map(({ page, error }) => ({
      key: `page ${page}`,
      kind: 'FAILED' as const,
      reason: reasonOf(error),
    })),
  ];
  // What is on a page that failed is not missing: nobody knows.
  const missing = failedPages.length > 0 ? [] : await findMissing(deps.em, runs, odd);
  await takeOver(deps, { runs: valid, failed, missing }, asOf, options, report);
  report.failed += failedPages.length * (pageSize - 1);
  const total = runs.length + odd.length + failedPages.length * pageSize;
  options.onProgress?.({ done: total, failed: report.failed, total });
}

async function readByKey({ api }: SyncRunsDeps, courseKeys: readonly string[], options: CallOptions) {
  const answers = await api.keyed.readCourses(courseKeys, options);
  const answered: Answered = { runs: [], failed: [], missing: [] };
  for (const key of courseKeys) {
    const answer = answers.get(key);
    if (!answer || 'error' in answer) answered.failed.push({ key, kind: 'FAILED', reason: reasonOf(answer?.error) });
    else if (answer.value) answered.runs.push(answer.value);
    else answered.missing.push(key);
  }
  return answered;
}

async function takeOver(
  { em, logger }: SyncRunsDeps,
  { runs, failed, missing }: Answered,
  asOf: Date,
  { isDryRun = false }: CourseRunSyncOptions,
  report: CourseRunSyncReport,
): Promise<void> {
  const stored = await storeRuns(em, runs, { asOf, isDryRun, logger });
  report.created += stored.created;
  report.updated += stored.updated;
  report.unchanged += stored.unchanged;
  const reason = 'What the LMS says of it cannot be stored.';
  const notStored = stored.failed.map((key): CourseRunRemark => ({ key, kind: 'UNREADABLE', reason }));
  report.remarks.push(...failed, ...notStored);
  for (const key of missing)
    report.remarks.push({ key, kind: 'MISSING', reason: 'The LMS does not list it for the service worker.' });
  report.failed += failed.length + notStored.length;
  report.missing += missing.length;
}

function skip(report: CourseRunSyncReport, keys: readonly string[]): void {
  report.skipped += keys.length;
  for (const key of keys) report.remarks.push({ key, kind: 'INVALID_KEY', reason: 'It is no key of a course run.' });
}

/** Runs that are stored and that the whole catalogue does not have. */
async function findMissing(
  em: EntityManager,
  runs: readonly LmsCourseRun[],
  odd: readonly { courseKey: string | undefined }[],
): Promise<string[]> {
  const listed = new Set([...runs, ...odd].map(({ courseKey }) => courseKey));
  const stored = await em.fork().find(CourseRunEntity, {}, { fields: ['courseKey'], orderBy: { courseKey: 'asc' } });
  return stored.map(({ courseKey }) => courseKey).filter((key) => !listed.has(key));
}

function callOptions({ purpose = 'job', signal }: CourseRunSyncOptions): CallOptions {
  return { purpose, priority: 'bulk', signal };
}

/** For people: errors of ours say what happened; any other is a fault and said in the log. */
function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.message : 'Something went wrong.';
}
