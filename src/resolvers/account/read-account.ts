import type { Account } from '../../entities/account.entity.js';
import { NotFoundError } from '../../errors.js';
import type { GraphContext } from '../context.js';

/** The account as it is now, past what the request has read before. @throws {@link NotFoundError} */
export async function readAccount({ services }: Pick<GraphContext, 'services'>, accountId: string): Promise<Account> {
  const [account] = await services.accounts.findByIds([accountId]);
  if (!account) throw new NotFoundError('There is no such account.');
  return account;
}
