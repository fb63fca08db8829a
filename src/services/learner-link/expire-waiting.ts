import { InvalidInputError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { LearnerTieDeps } from './learner-key.js';

/** What became of learners who wait for too long. */
export interface ExpiryReport {
  /** Forgotten, with their enrollments. */
  expired: number;
  /** Left, because the LMS still has them. */
  kept: number;
}

const waitingFor = `
  from learner_link learner
  where learner.organization_id = ? and learner.state = 'WAITING' and learner.created_at < ?`;
const isAtLms = `exists (select from program_enrollment enrollment
  where enrollment.learner_link_id = learner.id and enrollment.confirmed_at is not null)`;

/**
 * Forgets learners of an organization who have waited for an account for longer than some days, and whom the LMS has forgotten or
 * never had. A learner whom it still has would come back with the next reading, and is left.
 *
 * @throws InvalidInputError
 */
export function expireWaitingLearners(
  { orm, audit, clock }: Omit<LearnerTieDeps, 'lms'>,
  { organizationId, olderThanDays }: { organizationId: string; olderThanDays: number },
  actor: Actor,
): Promise<ExpiryReport> {
  if (!Number.isInteger(olderThanDays) || olderThanDays < 1 || olderThanDays > 3_650)
    throw new InvalidInputError('Say 1 to 3650 days.', { field: ['olderThanDays'] });
  const before = new Date(clock().getTime() - olderThanDays * 86_400_000);
  return orm.em.fork().transactional(async (tx) => {
    const expired = await tx.execute<{ id: string }[]>(
      `delete from learner_link where id in (select learner.id ${waitingFor} and not ${isAtLms}) returning id`,
      [organizationId, before],
    );
    const [left] = await tx.execute<{ count: number }[]>(`select count(*)::int as count ${waitingFor}`, [
      organizationId,
      before,
    ]);
    const report = { expired: expired.length, kept: left?.count ?? 0 };
    const detail = { organizationId, olderThanDays, ...report };
    await audit.record({ action: 'learners.expired', outcome: 'success', actor, subjectId: null, detail }, tx);
    return report;
  });
}
