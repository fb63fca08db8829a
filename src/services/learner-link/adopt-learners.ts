import { type EntityManager, LockMode, raw } from '@mikro-orm/postgresql';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import { systemActor } from '../actor.js';
import { tieAgain } from '../identity-provider/tell-lms.js';
import { tieLearner } from './move-learner.js';

/**
 * Gives an account the learners that it turns out to be, once it has its LMS user or that got another name; in the caller's
 * transaction. The other order,
 * an account that is there before a school names the learner, is followed when the LMS tells of the learner.
 */
export async function adoptLearners(
  tx: EntityManager,
  { accountId, edxUsername, edxUserId }: Pick<EdxLink, 'accountId' | 'edxUsername' | 'edxUserId'>,
  now: Date,
): Promise<void> {
  if (edxUsername == null) return;
  const links = await tx.find(
    LearnerLinkEntity,
    {
      state: { $in: ['LINKED', 'CONFLICT'] },
      $or: [{ [raw('lower(lms_username)')]: edxUsername.toLowerCase(), accountId: null }, { accountId }],
    },
    { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const person = { accountId, lmsUsername: edxUsername, lmsUserId: edxUserId ?? null };
  for (const link of links)
    await tieLearner(
      tx,
      link,
      person,
      { actor: systemActor, cause: 'account-appeared', source: 'account-appeared' },
      now,
    );
  await tieAgain(tx, accountId);
}
