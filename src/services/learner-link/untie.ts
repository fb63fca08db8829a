import { LockMode } from '@mikro-orm/postgresql';
import type { LearnerLink } from '../../entities/learner-link.entity.js';
import { ConflictError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { LearnerKey, LearnerTieDeps } from './learner-key.js';
import { recordLearnerStep } from './move-learner.js';
import { findLearner, unknownLearner } from './tie-by-hand.js';

/**
 * Unties a learner: they wait again, nothing of the person is shown to the school any more, and what the LMS still says of the two is
 * not believed. The LMS itself can only move a learner to another user; that is what tying them anew does there.
 *
 * @throws ConflictError when they are tied to nobody, NotFoundError
 */
export function untieLearner(
  { orm, audit, clock }: Omit<LearnerTieDeps, 'lms'>,
  key: LearnerKey,
  actor: Actor,
): Promise<LearnerLink> {
  return orm.em.fork().transactional(async (tx) => {
    const link = await findLearner(tx, key, LockMode.PESSIMISTIC_WRITE);
    if (!link) throw unknownLearner(key);
    if (link.state !== 'LINKED' && link.state !== 'CONFLICT')
      throw new ConflictError('This learner is tied to nobody.');
    const { state: from, accountId, lmsUsername } = link;
    Object.assign(link, {
      state: 'WAITING',
      accountId: null,
      lmsUsername: null,
      lmsUserId: null,
      reason: null,
      linkedAt: null,
      unlinkedUsername: lmsUsername,
      source: 'by-hand',
    });
    const detail = accountId == null ? null : { before: accountId };
    await recordLearnerStep(tx, link, from, { actor, cause: 'unlinked', detail }, clock());
    await audit.record(
      {
        action: 'learner.unlinked',
        outcome: 'success',
        actor,
        subjectId: accountId ?? null,
        detail: { learnerLinkId: link.id },
      },
      tx,
    );
    return link;
  });
}
