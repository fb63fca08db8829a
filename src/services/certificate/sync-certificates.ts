import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { AppError, DatabaseUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { CertificateSyncCounts, GradeRemark } from '../grade/grade-report.js';
import { storeCertificates } from './store-certificates.js';

export interface SyncCertificatesOptions {
  /** Runs whose learners are looked at. */
  courseKeys: readonly string[];
  /** Only this account. */
  accountId?: string | undefined;
  call: CallOptions;
  remark(remarks: readonly GradeRemark[]): Promise<void>;
  onProgress(step: { done: number; failed: number; total: number }): void;
}

interface Learner {
  accountId: string;
  lmsUsername: string;
}

/** The LMS tells the certificates of one learner at a time; so many are asked for together. */
const learnersAtOnce = 4;
const pageSize = 200;

/**
 * Reads the certificates of every learner who may have one: who has passed a run, whenever that was, and who had one before. So late
 * passers get theirs, and what was revoked or whose grade fell is found. Costs one call a learner, whatever the number of runs.
 */
export async function syncCertificates(
  deps: { em: EntityManager; api: Pick<LmsApi, 'certificatesOf'>; clock: Clock; logger: Logger },
  options: SyncCertificatesOptions,
): Promise<CertificateSyncCounts> {
  const { em, clock, logger } = deps;
  const { call, remark, onProgress } = options;
  const counts: CertificateSyncCounts = { learners: 0, created: 0, updated: 0, unchanged: 0, withdrawn: 0, failed: 0 };
  const syncOne = async ({ lmsUsername }: Learner) => {
    try {
      const asOf = clock();
      const certificates = await deps.api.certificatesOf(lmsUsername, call);
      const stored = await storeCertificates(em, { lmsUsername, certificates, asOf });
      counts.learners += 1;
      if (!stored) return;
      counts.created += stored.created;
      counts.updated += stored.updated;
      counts.unchanged += stored.unchanged;
      counts.withdrawn += stored.withdrawn.length;
      const reason = 'The LMS does not list the certificate any more: it was revoked, or the grade fell.';
      await remark(
        stored.withdrawn.map((courseKey) => ({ courseKey, username: lmsUsername, kind: 'WITHDRAWN', reason })),
      );
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof DatabaseUnavailableError) throw error;
      logger.warn({ err: error, lmsUsername }, 'the certificates of a learner could not be synchronised');
      counts.failed += 1;
      const reason = error instanceof AppError ? error.message : 'Its certificates cannot be stored.';
      await remark([{ courseKey: null, username: lmsUsername, kind: 'FAILED', reason }]);
    }
  };
  for (let after: string | undefined; ; ) {
    const page = await findLearners(em, options, after);
    const left = [...page];
    const next = async () => {
      for (let learner = left.shift(); learner; learner = left.shift()) {
        call.signal?.throwIfAborted();
        await syncOne(learner);
      }
    };
    await Promise.all(Array.from({ length: learnersAtOnce }, next));
    const done = counts.learners + counts.failed;
    onProgress({ done, failed: counts.failed, total: done });
    after = page.at(-1)?.accountId;
    if (page.length < pageSize) return counts;
  }
}

function findLearners(
  em: EntityManager,
  { courseKeys, accountId }: SyncCertificatesOptions,
  after: string | undefined,
): Promise<Learner[]> {
  return em.fork().execute<Learner[]>(
    `with runs as (select jsonb_array_elements_text(?::jsonb) as course_key)
     select link.account_id as "accountId", link.edx_username as "lmsUsername" from edx_link link
     where link.edx_username is not null
       and (?::uuid is null or link.account_id > ?::uuid) and (?::uuid is null or link.account_id = ?::uuid)
       and (exists (select 1 from course_grade grade join runs using (course_key)
              where grade.account_id = link.account_id and grade.passed)
         or exists (select 1 from certificate join runs using (course_key)
              where certificate.account_id = link.account_id and certificate.withdrawn_at is null))
     order by link.account_id limit ?`,
    [JSON.stringify(courseKeys), after ?? null, after ?? null, accountId ?? null, accountId ?? null, pageSize],
  );
}
