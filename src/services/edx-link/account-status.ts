import type { EntityManager } from '@mikro-orm/postgresql';
import { withdraw } from '../../jobs/queue.js';
import type { Actor } from '../actor.js';
import { forgetApiToken } from '../edx-api-token/forget.js';
import { creationKey, enqueueCreation } from './plan.js';
import { lockLink, moveLink } from './transition.js';

interface Step {
  actor: Actor;
  now: Date;
}

/**
 * Follows an account that is switched off: its link rests DEACTIVATED, its API token is forgotten and ended at the LMS, its job is
 * withdrawn. May be repeated. The LMS user stays as they are: who they are is remembered for the way back.
 *
 * @param em - of the transaction that switches the account off
 */
export async function deactivateLink(em: EntityManager, accountId: string, { actor, now }: Step): Promise<void> {
  const link = await lockLink(em, accountId);
  if (!link || link.state === 'DEACTIVATED') return;
  await forgetApiToken(em, link);
  link.nextAttemptAt = null;
  await moveLink(
    em,
    link,
    'DEACTIVATED',
    { actor, cause: 'account-switched-off', detail: { before: link.state } },
    now,
  );
  await withdraw(em, creationKey(accountId));
}

/**
 * Follows an account that is switched on again: the LMS is looked at first, whatever it has become meanwhile. May be repeated.
 *
 * @param em - of the transaction that switches the account on
 */
export async function reactivateLink(em: EntityManager, accountId: string, { actor, now }: Step): Promise<void> {
  const link = await lockLink(em, accountId);
  if (link?.state !== 'DEACTIVATED') return;
  const [last] = await em.execute<{ before: string | null }[]>(
    `select detail ->> 'before' as before from edx_link_event where edx_link_id = ? and to_state = 'DEACTIVATED'
     order by id desc limit 1`,
    [link.id],
  );
  link.attempts = 0;
  const step = { actor, cause: 'account-switched-on' };
  if (last?.before === 'NOT_LINKED') return moveLink(em, link, 'NOT_LINKED', step, now);
  link.nextAttemptAt = now;
  await moveLink(em, link, 'PENDING', step, now);
  await enqueueCreation(em, accountId);
}
