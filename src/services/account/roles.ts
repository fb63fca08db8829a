import type { MikroORM } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Account, Role } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { lockAccount, requireAnotherAdministrator, requireNotRetired } from './administrators.js';

interface RoleDeps {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
}

/**
 * Gives an account a role; harmless when it has it.
 *
 * @throws NotFoundError when there is no such account; ConflictError when it is retired
 * @throws {@link InvalidInputError} `ROLE_IMPLIED` for LEARNER, which everyone is
 */
export function addRole(deps: RoleDeps, accountId: string, role: Role, actor: Actor): Promise<Account> {
  return changeRoles(deps, accountId, role, actor, (roles) => (roles.includes(role) ? roles : [...roles, role]));
}

/**
 * Takes a role from an account; harmless when it does not have it.
 *
 * @throws NotFoundError when there is no such account; ConflictError when it is retired
 * @throws {@link InvalidInputError} `LAST_ADMIN` when nobody else who can sign in would be an administrator; `ROLE_IMPLIED`
 */
export function removeRole(deps: RoleDeps, accountId: string, role: Role, actor: Actor): Promise<Account> {
  return changeRoles(deps, accountId, role, actor, (roles) => roles.filter((held) => held !== role));
}

function changeRoles(
  { orm, audit }: RoleDeps,
  accountId: string,
  role: Role,
  actor: Actor,
  change: (roles: Role[]) => Role[],
): Promise<Account> {
  if (role === 'LEARNER')
    throw new InvalidInputError('Every account is a learner: this role is neither given nor taken.', {
      field: ['role'],
      reason: 'ROLE_IMPLIED',
    });
  return orm.em.fork().transactional(async (tx) => {
    const account = await lockAccount(tx, accountId);
    requireNotRetired(account);
    const roles = change(account.roles);
    if (roles.length === account.roles.length) return account;
    const isGiven = roles.length > account.roles.length;
    if (!isGiven && role === 'ADMIN') await requireAnotherAdministrator(tx, account);
    account.roles = roles;
    await tx.flush();
    await publishChange(tx, { topic: 'account', accountId });
    const detail = isGiven ? { addedRole: role } : { removedRole: role };
    await audit.record({ action: 'account.changed', outcome: 'success', actor, subjectId: accountId, detail }, tx);
    return account;
  });
}
