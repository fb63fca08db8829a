import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Account } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { enqueue } from '../../jobs/queue.js';
import type { Actor } from '../actor.js';
import { recordStep } from './transition.js';

export interface PlanOptions {
  /** The LMS's id of Portico as provider, `oa2-` + backend name. */
  providerId: string;
  actor: Actor;
  now: Date;
  /** False leaves the link NOT_LINKED until somebody asks for it. */
  isWanted?: boolean;
}

/**
 * Gives a new account its edX link and, unless it is not wanted yet, the job that creates the LMS account. Both commit with
 * the account or not at all: call it inside the transaction that inserts the account, after the insert.
 */
export async function planEdxLink(em: EntityManager, account: Account, options: PlanOptions): Promise<EdxLink> {
  const { providerId, actor, now, isWanted = true } = options;
  const link = em.create(EdxLinkEntity, {
    accountId: account.id,
    state: isWanted ? 'PENDING' : 'NOT_LINKED',
    providerId,
    nextAttemptAt: isWanted ? now : null,
  });
  await em.flush();
  await recordStep(em, link, null, link.state, { actor, cause: 'account-created' }, now);
  await publishChange(em, { topic: 'edx-link', accountId: account.id, edxLinkId: link.id });
  if (isWanted) await enqueueCreation(em, account.id);
  return link;
}

/** Has the job of an account's edX link run at `runAt`, or now. There is one per account. */
export async function enqueueCreation(
  em: EntityManager,
  accountId: string,
  options: { runAt?: Date; waits?: number } = {},
): Promise<void> {
  const { runAt, waits = 0 } = options;
  await enqueue(
    em,
    'create-edx-account',
    { accountId, ...(waits > 0 && { waits }) },
    { key: `edx-link:${accountId}`, ...(runAt && { runAt }) },
  );
}
