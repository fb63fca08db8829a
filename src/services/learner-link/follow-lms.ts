import type { EntityManager } from '@mikro-orm/postgresql';
import { type LearnerLink, LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import { systemActor } from '../actor.js';
import { type Person, tieLearner, tieLearners } from './move-learner.js';

/** A key, and the LMS user that the LMS has tied it to. */
export interface SeenLearner {
  externalKey: string;
  username: string;
}

interface Difference {
  id: string;
  username: string;
  accountId: string | null;
  lmsUserId: number | null;
}

/** Whom somebody untied on purpose is not tied again because the LMS still says so. */
const differences = `
  select learner.id, seen.username, edx.account_id as "accountId", edx.edx_user_id as "lmsUserId"
  from jsonb_to_recordset(?::jsonb) as seen ("externalKey" text, username text)
    join learner_link learner
      on learner.organization_id = ? and lower(learner.external_key) = lower(seen."externalKey")
    left join edx_link edx on lower(edx.edx_username) = lower(seen.username) and edx.state = 'LINKED'
  where learner.state <> 'RETIRED' and lower(learner.unlinked_username) is distinct from lower(seen.username)
    and (learner.state <> 'LINKED' or lower(learner.lms_username) is distinct from lower(seen.username)
      or (edx.account_id is not null and learner.account_id is distinct from edx.account_id))
  order by learner.id for update of learner`;

/**
 * Takes over whom the LMS has tied keys of an organization to, in the caller's transaction: the LMS has the say. Where the LMS user
 * has no account here, the learner is tied to the LMS user alone, and to the account as soon as there is one.
 */
export async function followLms(
  tx: EntityManager,
  organizationId: string,
  seen: readonly SeenLearner[],
  now: Date,
): Promise<void> {
  if (seen.length === 0) return;
  const differing = await tx.execute<Difference[]>(differences, [JSON.stringify(seen), organizationId]);
  const links = await tx.find(LearnerLinkEntity, { id: { $in: differing.map(({ id }) => id) } });
  const byId = new Map(links.map((link) => [link.id, link]));
  const step = { actor: systemActor, cause: 'lms', source: 'lms' };
  const untied: { link: LearnerLink; person: Person }[] = [];
  for (const { id, username, accountId, lmsUserId } of differing) {
    const link = byId.get(id);
    if (!link) continue;
    const person = { accountId, lmsUsername: username, lmsUserId };
    if (link.accountId == null) untied.push({ link, person });
    // Who gives an account up may be followed by who gets it: one after the other.
    else await tieLearner(tx, link, person, step, now);
  }
  await tieLearners(tx, untied, step, now);
}
