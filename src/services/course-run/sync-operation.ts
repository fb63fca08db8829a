import { isCourseKey } from '../../datasources/course-key.js';
import { ConflictError } from '../../errors.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { RowResult, TakenRow } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { CourseRunService } from './course-run.service.js';
import type { CourseRunRemark, CourseRunSyncReport } from './sync-report.js';

type Run = OperationRun<'SYNC_COURSE_RUNS'>;

const rowsAtOnce = 500;
/** The nightly synchronisation may be under way; it takes minutes. */
const waitMs = 15 * 60_000;

const outcomes: Record<CourseRunRemark['kind'], RowResult['outcome']> = {
  INVALID_KEY: 'INVALID',
  MISSING: 'COURSE_NOT_FOUND',
  FAILED: 'UPSTREAM_TIMEOUT',
  UNREADABLE: 'INVALID',
  MODES: 'OK',
};

/**
 * Synchronises course runs as an operation. Named runs are its rows; of the whole catalogue only those are that a person should look
 * at. The summary has the counts.
 */
export function createSyncCourseRuns(
  courseRuns: Pick<CourseRunService, 'sync'>,
): OperationDefinition<'SYNC_COURSE_RUNS'> {
  const sync = async (run: Run, courseKeys: readonly string[] | undefined) => {
    let telling = Promise.resolve();
    const report = await courseRuns.sync({
      ...(courseKeys && { courseKeys }),
      withModes: run.input.withModes ?? false,
      signal: run.signal,
      waitMs,
      onProgress: (step) => {
        // Rows count themselves.
        if (!courseKeys && run.retryOf === null) telling = telling.then(() => run.progress(step));
      },
    });
    await telling;
    if (!report) throw new ConflictError('Another process has been synchronising the course runs for too long.');
    return report;
  };
  return {
    isJoined: true,
    async run(run) {
      const { courseKeys } = run.input;
      if (courseKeys && run.checkpoint === undefined && run.retryOf === null)
        await run.plan(
          courseKeys.map((key) => ({ key })),
          { checkpoint: { isPlanned: true }, total: courseKeys.length },
        );
      return courseKeys || run.retryOf !== null ? syncRows(run, sync) : syncAll(run, sync);
    },
  };
}

type Sync = (run: Run, courseKeys: readonly string[] | undefined) => Promise<CourseRunSyncReport>;

async function syncRows(run: Run, sync: Sync): Promise<Record<string, unknown>> {
  const total: Record<string, number> = {};
  for (let rows = await run.take(rowsAtOnce); rows.length > 0; rows = await run.take(rowsAtOnce)) {
    run.signal.throwIfAborted();
    const keys = rows.flatMap(({ key }) => key ?? []);
    // A page of the catalogue that failed is looked at again with all others: it may hold other runs by now.
    const isWhole = run.input.courseKeys === undefined && !keys.every(isCourseKey);
    const report = await sync(run, isWhole ? undefined : keys);
    for (const [name, count] of Object.entries(countsOf(report))) total[name] = (total[name] ?? 0) + count;
    const remarks = new Map(report.remarks.map((remark) => [remark.key, remark]));
    await run.record(rows.map((row) => toResult(row, remarks.get(row.key ?? ''))));
  }
  return total;
}

async function syncAll(run: Run, sync: Sync): Promise<Record<string, unknown>> {
  const report = await sync(run, undefined);
  const counts = countsOf(report);
  await run.record(report.remarks.map(({ key, kind, reason }) => ({ key, outcome: outcomes[kind], reason })));
  const { created, updated, unchanged, missing, failed, skipped } = report;
  const done = created + updated + unchanged + missing + failed + skipped;
  await run.progress({ done, failed: missing + failed + skipped, total: done });
  return counts;
}

function toResult({ number, key }: TakenRow, remark: CourseRunRemark | undefined): RowResult {
  return { number, key, outcome: remark ? outcomes[remark.kind] : 'OK', reason: remark?.reason ?? null };
}

function countsOf({ remarks: _, modes, ...counts }: CourseRunSyncReport): Record<string, number> {
  const ofModes = Object.entries(modes ?? {}).map(([name, count]) => [`modes.${name}`, count] as const);
  return { ...counts, ...Object.fromEntries(ofModes) };
}
