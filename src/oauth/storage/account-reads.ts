import DataLoader from 'dataloader';
import type { AccountSource, OAuthAccount } from '../account-source.js';
import type { RunStatement } from './statements.js';

const find = {
  name: 'oauth_account_find_many',
  text: `select id, username, email, name, status, roles::text[] as roles, profile,
      extract(epoch from email_verified_at)::float8 * 1000 as "emailVerifiedMs",
      extract(epoch from updated_at)::float8 * 1000 as "updatedMs"
    from account where id = any($1::uuid[])`,
};

interface Row extends Omit<OAuthAccount, 'emailVerifiedAt' | 'updatedAt'> {
  emailVerifiedMs: number | null;
  updatedMs: number;
}

/**
 * Reads accounts as they are now, those that are asked for in the same moment by one statement. What gives tokens must know of a
 * person who was switched off a moment ago, whoever did it and how, so nothing is kept between two reads.
 */
export function createAccountReads(run: RunStatement): AccountSource {
  const loader = new DataLoader<string, OAuthAccount | null>(
    async (ids) => {
      const rows = await run<Row>(find, [[...new Set(ids)]]);
      const accounts = new Map(rows.map((row) => [row.id, toAccount(row)]));
      return ids.map((id) => accounts.get(id) ?? null);
    },
    { cache: false, maxBatchSize: 100 },
  );
  return { findById: (id) => loader.load(id) };
}

function toAccount({ emailVerifiedMs, updatedMs, ...account }: Row): OAuthAccount {
  const emailVerifiedAt = emailVerifiedMs === null ? null : new Date(emailVerifiedMs);
  return { ...account, emailVerifiedAt, updatedAt: new Date(updatedMs) };
}
