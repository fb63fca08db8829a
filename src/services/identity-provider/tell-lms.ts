import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueueTie, refusedMark } from './tie-learner.js';

/** A learner of here whom the LMS was told of, or could not be, counts as not told while the LMS still ties the key to nobody. */
const untold = `
  update linked_identity identity set tied_as = null, updated_at = now()
  from learner_link learner join identity_provider provider on provider.organization_id = learner.organization_id
  where identity.provider_id = provider.id and identity.account_id = learner.account_id
    and lower(identity.external_key) = lower(learner.external_key)
    and learner.organization_id = ? and learner.state = 'LINKED' and learner.lms_username is not null
    and lower(learner.external_key) in (select lower(value) from jsonb_array_elements_text(?::jsonb))
    and coalesce(identity.tied_as, '') not like ?
  returning identity.id`;

/**
 * Has the LMS told who learners are whom it ties to nobody although they have signed in at their school: they may have signed in
 * before the LMS had them. In the transaction that stores what the LMS said; what it refused is not said again.
 */
export async function tellLms(
  tx: EntityManager,
  organizationId: string,
  keysWithoutUser: readonly string[],
): Promise<void> {
  if (keysWithoutUser.length === 0) return;
  const rows = await tx.execute<{ id: string }[]>(untold, [
    organizationId,
    JSON.stringify(keysWithoutUser),
    `%${refusedMark}`,
  ]);
  for (const { id } of rows) await enqueueTie(tx, id);
}

/** Has the learners of an account tied once more, since the LMS has a user for it now; in the caller's transaction. */
export async function tieAgain(tx: EntityManager, accountId: string): Promise<void> {
  const rows = await tx.execute<{ id: string }[]>(
    'select id from linked_identity where account_id = ? and external_key is not null',
    [accountId],
  );
  for (const { id } of rows) await enqueueTie(tx, id);
}
