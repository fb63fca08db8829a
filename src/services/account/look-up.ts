import type { Account } from '../../entities/account.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { AccountReads } from './reads.js';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Finds the one account that an operator means: by id, by e-mail address when there is an `@` in it, else by username. Neither
 * address nor username depends on case.
 *
 * @throws {@link InvalidInputError} for an empty text; {@link NotFoundError}
 */
export async function lookUpAccount(
  accounts: Pick<AccountReads, 'findById' | 'findByIdentifier'>,
  who: string,
): Promise<Account> {
  const text = who.trim();
  if (text === '') throw new InvalidInputError('Say which account: by id, e-mail address or username.');
  const account = uuidPattern.test(text) ? await accounts.findById(text) : await accounts.findByIdentifier(text);
  if (!account) throw new NotFoundError(`There is no account “${text}”.`);
  return account;
}
