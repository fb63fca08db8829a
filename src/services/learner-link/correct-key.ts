import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { LearnerLink } from '../../entities/learner-link.entity.js';
import { ProgramEnrollmentEntity } from '../../entities/program-enrollment.entity.js';
import { ConflictError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { LearnerKey, LearnerTieDeps } from './learner-key.js';
import { recordLearnerStep } from './move-learner.js';
import { findLearner, unknownLearner } from './tie-by-hand.js';

/**
 * Corrects a key that was written wrongly. Its letter case can be corrected at any time; another key only while the LMS has not
 * taken the learner over, for it keeps keys as they came.
 *
 * @throws ConflictError when another learner has the key, or the LMS has the old one; NotFoundError
 */
export function correctExternalKey(
  { orm, audit, clock }: Omit<LearnerTieDeps, 'lms'>,
  { newExternalKey, ...key }: LearnerKey & { newExternalKey: string },
  actor: Actor,
): Promise<LearnerLink> {
  return orm.em.fork().transactional(async (tx) => {
    const link = await findLearner(tx, key, LockMode.PESSIMISTIC_WRITE);
    if (!link) throw unknownLearner(key);
    if (link.externalKey === newExternalKey) return link;
    await requireCorrectable(tx, link, newExternalKey);
    link.externalKey = newExternalKey;
    await recordLearnerStep(tx, link, link.state, { actor, cause: 'key-corrected' }, clock());
    const detail = { learnerLinkId: link.id };
    await audit.record(
      { action: 'learner.key-corrected', outcome: 'success', actor, subjectId: link.accountId ?? null, detail },
      tx,
    );
    return link;
  });
}

async function requireCorrectable(tx: EntityManager, link: LearnerLink, newExternalKey: string): Promise<void> {
  if (link.state === 'RETIRED') throw new ConflictError('This learner has left; their key is forgotten.');
  if (link.externalKey.toLowerCase() === newExternalKey.toLowerCase()) return;
  const { organizationId } = link;
  if (await findLearner(tx, { organizationId, externalKey: newExternalKey }))
    throw new ConflictError(`Another learner of the organization has the key ${newExternalKey}.`);
  if (await tx.count(ProgramEnrollmentEntity, { learnerLinkId: link.id, confirmedAt: { $ne: null } }))
    throw new ConflictError(
      `The LMS has this learner as ${link.externalKey} and does not rename learners: enroll them by the right key, and cancel the enrollment by the wrong one.`,
    );
}
