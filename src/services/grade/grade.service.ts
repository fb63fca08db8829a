import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { type CourseGrade, CourseGradeEntity } from '../../entities/course-grade.entity.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { findCertificates, type KnownCertificates } from '../certificate/find-certificates.js';
import { syncCertificates } from '../certificate/sync-certificates.js';
import { type ChangedGradesOf, findChangedGrades } from './changed-grades.js';
import { type ExportedGrade, type ExportFilter, readGrades } from './export-grades.js';
import {
  type CertificateSyncCounts,
  emptyGradeReport,
  type GradeRemark,
  type GradeSyncReport,
} from './grade-report.js';
import { findRunsToSync } from './runs-to-sync.js';
import { syncGradesOfRun, syncGradesOfRuns } from './sync-grades.js';
import { syncGradeOfLearner, syncGradesOfLearner } from './sync-learner.js';

export interface GradeSyncOptions {
  /**
   * These runs; otherwise all that are under way or ended within the last month, as far as learners known here are in them.
   */
  courseKeys?: readonly string[];
  /** Only the grades and certificates of this account. */
  accountId?: string;
  /** Whether certificates are read too: one call for each learner who passed or had one. Default: yes. */
  withCertificates?: boolean;
  purpose?: 'schedule' | 'job';
  /** How long to wait for another process that is at it. */
  waitMs?: number;
  /** Ends it early, by throwing the signal's reason; what was stored stays. */
  signal?: AbortSignal;
  /** Counts course runs, then learners whose certificates were read. */
  onProgress?(step: { done: number; failed: number; total: number }): void;
  /** Told everything that a person should look at, as it comes; the report keeps the first of it. */
  onRemarks?(remarks: readonly GradeRemark[]): Promise<void> | void;
}

/** Grades and certificates as the LMS was last seen to have them. */
export interface GradeService {
  /**
   * Pulls grades and certificates of the LMS.
   *
   * @returns undefined when another process is at it
   */
  sync(options?: GradeSyncOptions): Promise<GradeSyncReport | undefined>;
  /** Course runs that a synchronisation without named ones looks at. */
  runsToSync(accountId?: string): Promise<string[]>;
  /**
   * Pulls the grades of one run, for whoever goes from run to run.
   *
   * @throws UpstreamUnavailableError, UpstreamRejectedError: when they cannot be read to the end
   */
  syncRun(
    courseKey: string,
    options: { accountId?: string | undefined; signal: AbortSignal },
  ): Promise<GradeSyncReport>;
  /** Reads the certificates of everybody who has passed one of these runs, or had one. */
  syncCertificates(
    courseKeys: readonly string[],
    options: Pick<GradeSyncOptions, 'onRemarks'> & { accountId?: string | undefined; signal: AbortSignal },
  ): Promise<CertificateSyncCounts>;
  /** The stored grades of learners in course runs; missing where none was seen. */
  find(keys: readonly { accountId: string; courseKey: string }[]): Promise<CourseGrade[]>;
  /** What is known of the certificates of accounts while the LMS cannot be asked. */
  certificatesOf(accountIds: readonly string[]): Promise<KnownCertificates[]>;
  /** Stored grades of an account, of a course run, or of one in the other, that are others since then. */
  changedSince(since: Date, whose: ChangedGradesOf): Promise<CourseGrade[]>;
  /** Stored grades, by course run and account, page by page: for as many as there are. */
  read(filter: ExportFilter): AsyncIterable<ExportedGrade>;
}

/** So many remarks are in the report. */
const keptRemarks = 200;

export function createGradeService({
  em,
  api,
  locks,
  clock,
  logger,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'gradePages' | 'gradesOf' | 'certificatesOf'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}): GradeService {
  const deps = { em, api, clock, logger };

  const sync = async (options: GradeSyncOptions) => {
    const { purpose = 'job', signal, accountId, withCertificates = true } = options;
    const call = { purpose, priority: 'bulk', signal } as const;
    const report = emptyGradeReport();
    const remark = async (remarks: readonly GradeRemark[]) => {
      keep(report, remarks);
      if (remarks.length > 0) await options.onRemarks?.(remarks);
    };
    const shared = { call, report, remark, onProgress: options.onProgress ?? (() => {}) };
    const courseKeys = [...new Set(options.courseKeys ?? (await findRunsToSync(em, { accountId, now: clock() })))];
    if (accountId === undefined) await syncGradesOfRuns(deps, { ...shared, courseKeys });
    else await syncGradesOfLearner(deps, { ...shared, courseKeys, accountId });
    if (withCertificates) report.certificates = await syncCertificates(deps, { ...shared, courseKeys, accountId });
    const { remarks, ...counts } = report;
    const isWhole = counts.failed + counts.failedRuns + (counts.certificates?.failed ?? 0) === 0;
    logger[isWhole ? 'info' : 'warn'](counts, 'synchronised grades and certificates');
    return report;
  };

  return {
    async sync(options = {}) {
      try {
        return await locks.run('sync-grades', () => sync(options), { waitMs: options.waitMs ?? 0 });
      } catch (error) {
        if (error instanceof LockBusyError) return undefined;
        throw error;
      }
    },
    runsToSync: (accountId) => findRunsToSync(em, { accountId, now: clock() }),
    async syncRun(courseKey, { accountId, signal }) {
      const report = emptyGradeReport();
      const remark = async (remarks: readonly GradeRemark[]) => keep(report, remarks);
      const shared = { call: { purpose: 'job', priority: 'bulk', signal }, report, remark } as const;
      if (accountId === undefined) await syncGradesOfRun(deps, courseKey, shared);
      else await syncGradeOfLearner(deps, courseKey, { ...shared, accountId });
      return report;
    },
    syncCertificates: (courseKeys, { accountId, signal, onRemarks }) =>
      syncCertificates(deps, {
        courseKeys,
        accountId,
        call: { purpose: 'job', priority: 'bulk', signal },
        remark: async (remarks) => onRemarks?.(remarks),
        onProgress() {},
      }),
    find: (keys) =>
      em.fork().find(CourseGradeEntity, {
        accountId: { $in: [...new Set(keys.map(({ accountId }) => accountId))] },
        courseKey: { $in: [...new Set(keys.map(({ courseKey }) => courseKey))] },
      }),
    certificatesOf: (accountIds) => findCertificates(em, accountIds),
    changedSince: (since, whose) => findChangedGrades(em, since, whose),
    read: (filter) => readGrades(em, filter),
  };
}

function keep(report: GradeSyncReport, remarks: readonly GradeRemark[]): void {
  report.remarks.push(...remarks.slice(0, keptRemarks - report.remarks.length));
}
