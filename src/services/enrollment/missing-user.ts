import type { EntityManager } from '@mikro-orm/postgresql';
import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { systemActor } from '../actor.js';
import { lockEnrollment } from './change.js';
import { replayFailed } from './dead-letter.js';

/** The reason of an enrollment that failed because there was nobody to enroll. */
export const userMissingCode = 'user_missing';

/** Takes up again what failed for want of an edX account, now that there is one. */
export async function reviveEnrollments(tx: EntityManager, accountId: string, now: Date): Promise<void> {
  const failed = await tx.find(EnrollmentEntity, { accountId, failedIntent: { $ne: null }, intent: null });
  for (const { id, lastError } of failed) {
    if (lastError?.code !== userMissingCode) continue;
    const enrollment = await lockEnrollment(tx, { id });
    if (enrollment) await replayFailed(tx, enrollment, { actor: systemActor, cause: 'edx-account-linked' }, now);
  }
}
