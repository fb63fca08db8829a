import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';

/**
 * Reads an account for a change of its roles or status. Such changes wait for each other, all of them: two administrators who
 * dismiss each other at the same time must not both succeed.
 *
 * @throws {@link NotFoundError} when there is no such account
 */
export async function lockAccount(tx: EntityManager, accountId: string): Promise<Account> {
  await tx.execute(`select pg_advisory_xact_lock(hashtextextended('portico:administrators', 0))`);
  const account = await tx.findOne(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!account) throw new NotFoundError('There is no such account.');
  return account;
}

/**
 * Call it before an administrator stops being one, under the lock of {@link lockAccount}.
 *
 * @throws {@link InvalidInputError} `LAST_ADMIN` when nobody else is an administrator who can sign in
 */
export async function requireAnotherAdministrator(tx: EntityManager, { id, roles, status }: Account): Promise<void> {
  if (status !== 'ACTIVE' || !roles.includes('ADMIN')) return;
  const others = { id: { $ne: id }, status: 'ACTIVE', roles: { $contains: ['ADMIN'] } } as const;
  if ((await tx.count(AccountEntity, others)) > 0) return;
  throw new InvalidInputError('This is the last administrator. Make somebody else one first.', {
    reason: 'LAST_ADMIN',
  });
}

/**
 * Keeps a retired account as it is: what is written to it now would never be erased.
 *
 * @throws {@link ConflictError}
 */
export function requireNotRetired({ status }: Pick<Account, 'status'>): void {
  if (status === 'RETIRED') throw new ConflictError('The account is retired: it cannot be changed any more.');
}
