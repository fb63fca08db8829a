import type { Account } from '../../entities/account.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { AccountReads } from '../account/reads.js';
import type { ProvePassword } from './proof.js';

/**
 * Asks somebody who is signed in for their password once more, before what would be worst in the wrong hands.
 *
 * @param address - network address of the caller
 * @returns the account
 * @throws {@link InvalidInputError} `WRONG_PASSWORD` at `currentPassword`
 * @throws RateLimitedError after too many wrong ones
 */
export type Reauthenticate = (accountId: string, password: string, address: string) => Promise<Account>;

export function createReauthenticate({
  reads,
  prove,
}: {
  reads: Pick<AccountReads, 'findById'>;
  prove: ProvePassword;
}): Reauthenticate {
  return async (accountId, password, address) => {
    const account = await reads.findById(accountId);
    if (!account) throw new NotFoundError('There is no such account.');
    if (await prove(account, account.username, password, address)) return account;
    throw new InvalidInputError('This is not your current password.', {
      field: ['currentPassword'],
      reason: 'WRONG_PASSWORD',
    });
  };
}
