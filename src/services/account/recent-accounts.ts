import type { ChangeFeed } from '../../changes/change-feed.js';
import { createFreshCache } from '../../changes/fresh-cache.js';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import type { AccountReads } from './reads.js';

/** Accounts as they were a moment ago, for the many requests of one person; not to be changed. */
export interface RecentAccounts {
  findById(id: string): Promise<Readonly<Account> | null>;
}

const ttlMs = 5_000;
const mostAccounts = 10_000;

/** Keeps accounts for some seconds, or until they change; see {@link createFreshCache}. */
export function createRecentAccounts({
  accounts,
  changes,
  clock,
}: {
  accounts: Pick<AccountReads, 'findById'>;
  changes: ChangeFeed;
  clock: Clock;
}): RecentAccounts {
  const cache = createFreshCache<Account>({ changes, clock, ttlMs, max: mostAccounts });
  return {
    async findById(id) {
      const account = await cache.get(id, async () => {
        const value = await accounts.findById(id);
        return value ? { value, facts: [`account:${id}`] } : undefined;
      });
      return account ?? null;
    },
  };
}
