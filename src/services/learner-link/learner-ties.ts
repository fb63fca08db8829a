import { type LearnerLink, LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import type { Actor } from '../actor.js';
import { correctExternalKey } from './correct-key.js';
import { type ExpiryReport, expireWaitingLearners } from './expire-waiting.js';
import { readExternalKey } from './key-grammar.js';
import type { LearnerKey, LearnerTieDeps } from './learner-key.js';
import { type TieRequest, tieByHand } from './tie-by-hand.js';
import { untieLearner } from './untie.js';

/** Who learners of organizations are, said by people. Whether the caller may say it is the caller's question. */
export interface LearnerTies {
  /** @throws as {@link tieByHand} */
  tie(request: TieRequest, actor: Actor): Promise<LearnerLink>;
  /** @throws as {@link untieLearner} */
  untie(key: LearnerKey, actor: Actor): Promise<LearnerLink>;
  /** @throws as {@link correctExternalKey} */
  correctKey(correction: LearnerKey & { newExternalKey: string }, actor: Actor): Promise<LearnerLink>;
  /** @throws InvalidInputError */
  expireWaiting(which: { organizationId: string; olderThanDays: number }, actor: Actor): Promise<ExpiryReport>;
  /** Whether the organization knows, or knew, the account as one of its learners. */
  isKnownTo(organizationId: string, accountId: string): Promise<boolean>;
}

const wasTied = `
  select event.id from learner_link_event event join learner_link learner on learner.id = event.learner_link_id
  where learner.organization_id = ? and event.detail ->> 'before' = ? limit 1`;

export function createLearnerTies(deps: LearnerTieDeps): LearnerTies {
  const read = <Key extends LearnerKey>(key: Key): Key => ({
    ...key,
    externalKey: readExternalKey(key.externalKey, 'externalKey'),
  });
  return {
    tie: async (request, actor) => tieByHand(deps, read(request), actor),
    untie: async (key, actor) => untieLearner(deps, key, actor),
    correctKey: async (correction, actor) =>
      correctExternalKey(
        deps,
        { ...correction, newExternalKey: readExternalKey(correction.newExternalKey, 'newExternalKey') },
        actor,
      ),
    expireWaiting: async (which, actor) => expireWaitingLearners(deps, which, actor),
    async isKnownTo(organizationId, accountId) {
      const em = deps.orm.em.fork();
      if (await em.count(LearnerLinkEntity, { organizationId, accountId })) return true;
      return (await em.execute<unknown[]>(wasTied, [organizationId, accountId])).length > 0;
    },
  };
}
