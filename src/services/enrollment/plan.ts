import type { EntityManager } from '@mikro-orm/postgresql';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { bulkPriority, enqueue } from '../../jobs/queue.js';

/** Has the job of an enrollment run at `runAt`, or now. There is one per learner and course run. */
export async function enqueueEnrollment(
  em: EntityManager,
  enrollment: Pick<Enrollment, 'id' | 'accountId' | 'courseKey'>,
  options: { runAt?: Date; waits?: number; isBulk?: boolean | undefined } = {},
): Promise<void> {
  const { runAt, waits = 0, isBulk = false } = options;
  await enqueue(
    em,
    'perform-enrollment',
    { enrollmentId: enrollment.id, ...(waits > 0 && { waits }) },
    { key: enrollmentKey(enrollment), ...(runAt && { runAt }), ...(isBulk && { priority: bulkPriority }) },
  );
}

/** Key of the one job, and name of the lock, of one account in one course run. */
export function enrollmentKey({ accountId, courseKey }: Pick<Enrollment, 'accountId' | 'courseKey'>): string {
  return `enroll:${accountId}:${courseKey}`;
}

/** Lets the enrollments of an account that wait for its edX account go on. */
export async function wakeEnrollments(em: EntityManager, accountId: string): Promise<void> {
  const waiting = await em.find(EnrollmentEntity, { accountId, intent: { $ne: null } });
  for (const enrollment of waiting) await enqueueEnrollment(em, enrollment);
}
