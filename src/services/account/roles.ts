import { LockMode, type MikroORM } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import { type Account, AccountEntity, type Role } from '../../entities/account.entity.js';
import { NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

/**
 * Gives an account a role; harmless when it has it.
 *
 * @throws {@link NotFoundError} when there is no such account
 */
export function addRole(
  { orm, audit }: { orm: MikroORM; audit: AuditService },
  accountId: string,
  role: Role,
  actor: Actor,
): Promise<Account> {
  return orm.em.fork().transactional(async (tx) => {
    const account = await tx.findOne(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!account) throw new NotFoundError('There is no such account.');
    if (account.roles.includes(role)) return account;
    account.roles = [...account.roles, role];
    await tx.flush();
    await publishChange(tx, { topic: 'account', accountId });
    await audit.record(
      { action: 'account.changed', outcome: 'success', actor, subjectId: accountId, detail: { addedRole: role } },
      tx,
    );
    return account;
  });
}
