import type { MikroORM } from '@mikro-orm/postgresql';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import type { SignInThrottle } from '../account/sign-in-throttle.js';
import { networkOf } from '../network.js';
import type { PasswordHasher } from './hash.js';

/**
 * Whether somebody knows the password of an account. Costs the same without an account, counts failures, and makes an
 * outdated hash anew.
 *
 * @param identifier - what was typed, under which failures are counted when there is no account
 * @param address - network address of the caller
 * @throws RateLimitedError after too many failures
 */
export type ProvePassword = (
  account: Account | null,
  identifier: string,
  password: string,
  address: string,
) => Promise<boolean>;

export function createProvePassword({
  orm,
  hasher,
  throttle,
}: {
  orm: MikroORM;
  hasher: PasswordHasher;
  throttle: SignInThrottle;
}): ProvePassword {
  const readHash = async (id: string) =>
    (await orm.em.fork().findOne(AccountEntity, { id }, { fields: ['passwordHash'] }))?.passwordHash ?? null;

  return async (account, identifier, password, address) => {
    const attempt = { account: account?.id ?? identifier.trim().toLowerCase(), address };
    await throttle.admit(attempt);
    const stored = account && (await readHash(account.id));
    const { isRight, isOutdated } = await hasher.verify(stored, password, networkOf(address));
    if (!account || !isRight) {
      await throttle.recordFailure(attempt);
      return false;
    }
    await throttle.recordSuccess(attempt);
    if (isOutdated) {
      const passwordHash = await hasher.hash(password);
      // Not when another password was set meanwhile.
      await orm.em.fork().nativeUpdate(AccountEntity, { id: account.id, passwordHash: stored }, { passwordHash });
    }
    return true;
  };
}
