import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import { RetirementEntity } from '../../entities/retirement.entity.js';
import { enqueue } from '../../jobs/queue.js';
import { lockAccount, requireAnotherAdministrator } from '../account/administrators.js';
import { type Actor, systemActor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

export interface BeginDeps {
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
}

/** Key of the one job, and name of the lock, of an account's retirement. */
export function retirementKey(accountId: string): string {
  return `retire:${accountId}`;
}

/** Has the job of a retirement run at `runAt`, or now. */
export function enqueueRetirement(
  em: EntityManager,
  accountId: string,
  { runAt, waits = 0 }: { runAt?: Date; waits?: number } = {},
): Promise<void> {
  const payload = { accountId, ...(waits > 0 && { waits }) };
  return enqueue(em, 'retire-account', payload, { key: retirementKey(accountId), ...(runAt && { runAt }) });
}

/**
 * Begins a retirement, and from the commit on the account is of no use to anybody: its status, and the job that does the rest, in
 * one transaction. Does nothing to one that has begun.
 *
 * @param isAllowed - asked with the locked account; throws when it must not be
 * @throws NotFoundError, InvalidInputError `LAST_ADMIN`
 */
export async function beginRetirement(
  tx: EntityManager,
  accountId: string,
  actor: Actor,
  { audit, clock }: BeginDeps,
  isAllowed: (account: Account) => void = () => {},
): Promise<Account> {
  const account = await lockAccount(tx, accountId);
  isAllowed(account);
  if (account.status === 'RETIRED') return account;
  await requireAnotherAdministrator(tx, account);
  const now = clock();
  const scheduled = await tx.findOne(RetirementEntity, { accountId });
  const retirement = scheduled ?? tx.create(RetirementEntity, { accountId, state: 'RUNNING', dueAt: now });
  // The link in the mail must not promise what cannot be had any more.
  const begun = { state: 'RUNNING', startedAt: now, cancelHash: null, lastError: null, nextAttemptAt: null } as const;
  Object.assign(retirement, begun, { requestedBy: actor.accountId });
  const before = account.status;
  account.status = 'RETIRED';
  await tx.flush();
  await enqueueRetirement(tx, accountId);
  await publishChange(tx, { topic: 'account', accountId });
  const detail = { before, after: 'RETIRED' };
  await audit.record({ action: 'account.status-changed', outcome: 'success', actor, subjectId: accountId, detail }, tx);
  return account;
}

/** Who stands behind a retirement that its owner asked for earlier. */
export function ownerAsActor(requestedBy: string | null | undefined): Actor {
  return requestedBy ? { accountId: requestedBy } : systemActor;
}
