import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type LearnerLink, LearnerLinkEntity } from '../../entities/learner-link.entity.js';

/** How a learner of an organization stands to an account that its provider names. */
export type KeyStanding = 'free' | 'own' | 'held-by-other' | 'account-is-another-learner';

/**
 * Whose a key is, as stored: by the LMS's word, by a person's, or by a sign-in before.
 *
 * @param accountId - null for somebody who has no account yet
 */
export async function standingOfKey(
  em: EntityManager,
  { organizationId, externalKey }: { organizationId: string; externalKey: string },
  accountId: string | null,
): Promise<KeyStanding> {
  const learner = await em.findOne(LearnerLinkEntity, {
    organizationId,
    [raw('lower(external_key)')]: externalKey.toLowerCase(),
  });
  if (learner?.state === 'RETIRED') return 'held-by-other';
  if (learner?.state === 'LINKED') return (await isHeldBy(em, learner, accountId)) ? 'own' : 'held-by-other';
  if (accountId === null) return 'free';
  const other = await em.findOne(LearnerLinkEntity, { organizationId, accountId, state: 'LINKED' });
  return other ? 'account-is-another-learner' : 'free';
}

/** The LMS may have tied the key to one of its users whose account here did not say so yet. */
async function isHeldBy(em: EntityManager, learner: LearnerLink, accountId: string | null): Promise<boolean> {
  if (accountId === null) return false;
  if (learner.accountId != null) return learner.accountId === accountId;
  const edx = await em.findOne(EdxLinkEntity, { accountId, state: 'LINKED' });
  return edx?.edxUsername != null && edx.edxUsername.toLowerCase() === learner.lmsUsername?.toLowerCase();
}
