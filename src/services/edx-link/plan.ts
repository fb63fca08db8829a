import type { EntityManager } from '@mikro-orm/postgresql';
import type { Account } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { bulkPriority, enqueue } from '../../jobs/queue.js';
import type { Actor } from '../actor.js';
import { isResting } from './machine.js';
import { moveLink, recordStep } from './transition.js';

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
  await recordStep(em, link, null, { actor, cause: 'account-created' }, now);
  if (isWanted) await enqueueCreation(em, account.id);
  return link;
}

/**
 * Has a link that rests be tried (again) with a clean count, because somebody asked or what stood against it has changed.
 * What it last failed of stays visible until the outcome, and makes the try begin with a look at the LMS.
 *
 * @param link - locked by the transaction of `em`
 * @param step.isBulk - as one of many: what people wait for goes first
 * @returns whether it rested
 */
export async function resumeLink(
  em: EntityManager,
  link: EdxLink,
  { actor, cause, now, isBulk = false }: { actor: Actor; cause: string; now: Date; isBulk?: boolean },
): Promise<boolean> {
  if (!isResting(link.state)) return false;
  link.attempts = 0;
  link.nextAttemptAt = now;
  await moveLink(em, link, 'PENDING', { actor, cause }, now);
  await enqueueCreation(em, link.accountId, { isBulk });
  return true;
}

/**
 * Has the job of an account's edX link run at `runAt`, or now. There is one per account.
 *
 * @param options.isBulk - as one of many, now and whenever it comes back: what people wait for goes first
 */
export async function enqueueCreation(
  em: EntityManager,
  accountId: string,
  options: { runAt?: Date; waits?: number; isBulk?: boolean } = {},
): Promise<void> {
  const { runAt, waits = 0, isBulk = false } = options;
  await enqueue(
    em,
    'create-edx-account',
    { accountId, ...(waits > 0 && { waits }), ...(isBulk && { isBulk }) },
    { key: creationKey(accountId), priority: isBulk ? bulkPriority : 0, ...(runAt && { runAt }) },
  );
}

/** Has a job look whether the LMS still holds what a link says. There is one per account; see {@link enqueueCreation}. */
export async function enqueueCheck(
  em: EntityManager,
  accountId: string,
  { priority = 0 }: { priority?: number } = {},
): Promise<void> {
  await enqueue(em, 'check-edx-link', { accountId }, { key: `edx-link-check:${accountId}`, priority });
}

/** Key of the one job, and name of the lock, of an account's edX link. */
export function creationKey(accountId: string): string {
  return `edx-link:${accountId}`;
}
