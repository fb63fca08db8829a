import type { Role } from '../../access/viewer.js';
import type { Account } from '../../entities/account.entity.js';
import { ForbiddenError } from '../../errors.js';

/**
 * Keeps officials from acting on somebody who may do more than they.
 *
 * @param roles - of the official, with everything that they include
 * @throws {@link ForbiddenError}
 */
export function requireRank(account: Pick<Account, 'roles'>, roles: ReadonlySet<Role>): void {
  if (account.roles.every((role) => roles.has(role))) return;
  throw new ForbiddenError('This account has a role that you have not.');
}
