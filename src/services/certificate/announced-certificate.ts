import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { NotFoundError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import type { GradeService } from '../grade/grade.service.js';

interface Learner {
  accountId: string;
  courseKey: string;
}

/** Certificates that the LMS tells of: what is cached of the learner is forgotten, and a job reads grade and certificate anew. */
export interface AnnouncedCertificates {
  /** Answers at once; the LMS, which may be waiting, is asked by the job. Harmless to repeat. */
  announce(learner: Learner): Promise<void>;
  /** Body of the job `look-at-certificate`. @throws UpstreamUnavailableError, then it is run again */
  look(learner: Learner): Promise<void>;
}

/** While a synchronisation of all grades is under way, which may or may not come by this learner. */
const busyPauseMs = 60_000;

export function createAnnouncedCertificates({
  em,
  grades,
  clock,
}: {
  em: EntityManager;
  grades: Pick<GradeService, 'sync'>;
  clock: Clock;
}): AnnouncedCertificates {
  const enqueueLook = (tx: EntityManager, learner: Learner, runAt?: Date) => {
    const key = `certificate:${learner.accountId}:${learner.courseKey}`;
    return enqueue(tx, 'look-at-certificate', learner, { key, ...(runAt && { runAt }) });
  };
  return {
    announce: (learner) =>
      em.fork().transactional(async (tx) => {
        const row = await tx.findOne(EnrollmentEntity, learner);
        if (row)
          await publishChange(tx, {
            topic: 'enrollment',
            ...learner,
            enrollmentId: row.id,
            lmsUsername: row.lmsUsername,
          });
        await enqueueLook(tx, learner);
      }),
    async look({ accountId, courseKey }) {
      try {
        const report = await grades.sync({ accountId, courseKeys: [courseKey], purpose: 'job' });
        if (!report) await enqueueLook(em.fork(), { accountId, courseKey }, new Date(clock().getTime() + busyPauseMs));
      } catch (error) {
        // Without a user in the LMS there is nothing to read.
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
  };
}
