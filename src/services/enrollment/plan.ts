import type { EntityManager } from '@mikro-orm/postgresql';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { enqueue } from '../../jobs/queue.js';
import { systemActor } from '../actor.js';
import { changeEnrollment } from './change.js';

/** Has the job of an enrollment run at `runAt`, or now. There is one per learner and course run. */
export async function enqueueEnrollment(
  em: EntityManager,
  enrollment: Pick<Enrollment, 'id' | 'accountId' | 'courseKey'>,
  options: { runAt?: Date; waits?: number } = {},
): Promise<void> {
  const { runAt, waits = 0 } = options;
  await enqueue(
    em,
    'perform-enrollment',
    { enrollmentId: enrollment.id, ...(waits > 0 && { waits }) },
    { key: enrollmentKey(enrollment), ...(runAt && { runAt }) },
  );
}

/** Key of the one job, and name of the lock, of one account in one course run. */
export function enrollmentKey({ accountId, courseKey }: Pick<Enrollment, 'accountId' | 'courseKey'>): string {
  return `enroll:${accountId}:${courseKey}`;
}

/** The reason of an enrollment that was refused because there was nobody to enroll. */
export const withoutAccountCode = 'no-edx-account';

/** Lets the enrollments of an account that wait for its edX account go on. */
export async function wakeEnrollments(em: EntityManager, accountId: string): Promise<void> {
  const waiting = await em.find(EnrollmentEntity, { accountId, intent: { $ne: null } });
  for (const enrollment of waiting) await enqueueEnrollment(em, enrollment);
}

/** Takes up again what was refused for want of an edX account, now that there is one. */
export async function reviveEnrollments(em: EntityManager, accountId: string, now: Date): Promise<void> {
  const refused = await em.find(EnrollmentEntity, { accountId, state: 'REJECTED', intent: null });
  for (const enrollment of refused.filter(({ lastError }) => lastError?.code === withoutAccountCode)) {
    const revive = (row: Enrollment) => {
      row.state = 'PENDING';
      row.intent = 'ENROLL';
      row.requestVersion += 1;
      row.attempts = 0;
      row.nextAttemptAt = now;
    };
    await changeEnrollment(em, enrollment, revive, { actor: systemActor, cause: 'edx-account-linked' }, now);
    await enqueueEnrollment(em, enrollment);
  }
}
