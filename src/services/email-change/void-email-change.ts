import type { EntityManager } from '@mikro-orm/postgresql';
import { EmailChangeEntity } from '../../entities/email-change.entity.js';

/**
 * Takes back the change of address that an account waits for. Whoever sets a new password because somebody else knew the old
 * one must not lose the account to a link which that person had mailed to their own mailbox.
 *
 * @param tx - the transaction that sets the password, which has locked the account's row by that
 */
export async function voidEmailChange(tx: EntityManager, accountId: string): Promise<void> {
  await tx.nativeDelete(EmailChangeEntity, { accountId });
}
