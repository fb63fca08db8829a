import { isCourseKey } from '../../datasources/course-key.js';
import type { Logger } from '../../logger.js';
import type { OperationDefinition } from '../operation/kinds.js';
import { performRows } from '../operation/perform-rows.js';
import type { RowResult } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { GradeService } from './grade.service.js';
import type { CertificateSyncCounts, GradeRemark, GradeSyncReport } from './grade-report.js';

export interface SyncGradesOperationDeps {
  grades: Pick<GradeService, 'runsToSync' | 'syncRun' | 'syncCertificates'>;
  logger: Logger;
}

/** Which grades an operation pulls. */
export interface PulledGrades {
  courseKeys?: readonly string[];
  accountId?: string;
  withCertificates?: boolean;
}

const runsAtOnce = 2;
const namedLearners = 20;
const mostCertificateRows = 200;

/** Pulls grades and certificates as an operation whose rows are course runs: a killed one goes on with the next run. */
export function createSyncGrades(deps: SyncGradesOperationDeps): OperationDefinition<'SYNC_GRADES'> {
  return {
    isJoined: true,
    async run(run) {
      const certificates = await pullGrades(deps, run, run.input);
      return certificates && { certificates };
    },
  };
}

/**
 * Pulls the grades of each run, one row each, then the certificates.
 *
 * @returns undefined when certificates were left out
 */
export async function pullGrades(
  { grades, logger }: SyncGradesOperationDeps,
  run: OperationRun<'SYNC_GRADES'> | OperationRun<'EXPORT_GRADES'>,
  { courseKeys, accountId, withCertificates = true }: PulledGrades,
): Promise<CertificateSyncCounts | undefined> {
  const { signal } = run;
  const wanted = courseKeys ?? (await grades.runsToSync(accountId));
  if (run.checkpoint === undefined) await run.progress({ total: wanted.length });
  await performRows(run, {
    parallel: runsAtOnce,
    logger,
    find: async () => ({ rows: wanted.map((key) => ({ key })), next: undefined }),
    perform: async ({ key }) => {
      // A learner of an operation that is tried again: the certificates are read anew below.
      if (run.retryOf !== null && !isCourseKey(key ?? '')) return { outcome: 'OK' };
      return toResult(await grades.syncRun(key ?? '', { accountId, signal }));
    },
  });
  signal.throwIfAborted();
  if (!withCertificates) return undefined;
  let left = mostCertificateRows;
  return grades.syncCertificates(wanted, {
    accountId,
    signal,
    async onRemarks(remarks) {
      const rows = remarks.filter(({ kind }) => kind === 'FAILED').slice(0, left);
      left -= rows.length;
      if (rows.length > 0)
        await run.record(rows.map(({ username: key, reason }) => ({ key, outcome: 'UPSTREAM_TIMEOUT', reason })));
    },
  });
}

/** What became of the grades of one run. LMS users whom nobody here is linked to are named, and are no failure. */
function toResult({ remarks, certificates: _, ...counts }: GradeSyncReport): Omit<RowResult, 'number' | 'key'> {
  const { missingRuns, failed, unknown } = counts;
  if (missingRuns > 0) return { outcome: 'COURSE_NOT_FOUND', reason: remarks[0]?.reason ?? null };
  const said = [
    ...(failed > 0 ? [`${failed} grades cannot be read or stored: ${named(remarks, 'UNREADABLE')}.`] : []),
    ...(unknown > 0 ? [`${unknown} LMS users are linked to no account: ${named(remarks, 'UNKNOWN_LEARNER')}.`] : []),
  ];
  return {
    outcome: failed > 0 ? 'INVALID' : 'OK',
    reason: said.length > 0 ? said.join(' ') : null,
    detail: { ...counts },
  };
}

function named(remarks: readonly GradeRemark[], kind: GradeRemark['kind']): string {
  const names = remarks.filter((remark) => remark.kind === kind).map(({ username }) => username ?? '?');
  const shown = names.slice(0, namedLearners).join(', ');
  return names.length > namedLearners ? `${shown}, …` : shown;
}
