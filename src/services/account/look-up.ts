import type { Account } from '../../entities/account.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';
import type { AccountReads } from './reads.js';

/**
 * Finds the one account that an operator means. A UUID is its id; a text with an `@` is its e-mail address; digits only are its
 * LMS user id, or a username that happens to be a number; everything else is its username or its LMS username. No name depends
 * on case.
 *
 * @throws {@link InvalidInputError} for an empty text; {@link NotFoundError}; {@link ConflictError} when several accounts are
 * meant, e.g. one by its username and another by its LMS username
 */
export async function lookUpAccount(accounts: Pick<AccountReads, 'findMeant'>, who: string): Promise<Account> {
  const text = who.trim();
  if (text === '') throw new InvalidInputError('Say which account: by id, e-mail address or username.');
  const [account, ...others] = await accounts.findMeant(text);
  if (!account) throw new NotFoundError(`There is no account “${text}”.`);
  if (others.length > 0)
    throw new ConflictError(
      `“${text}” can be any of ${others.length + 1} accounts: ${[account, ...others]
        .map(({ username, id }) => `${username} (${id})`)
        .join(', ')}. Say which one by its id.`,
    );
  return account;
}

/** The same for several, each once however often it was named. */
export async function lookUpAccounts(
  accounts: Pick<AccountReads, 'findMeant'>,
  names: readonly string[],
): Promise<Account[]> {
  const found = new Map<string, Account>();
  for (const name of names) {
    const account = await lookUpAccount(accounts, name);
    found.set(account.id, account);
  }
  return [...found.values()];
}
