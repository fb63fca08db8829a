import DataLoader from 'dataloader';
import { wantedKeys } from '../../entities/prepared-rows.js';
import type { AccountSource, OAuthAccount } from '../account-source.js';
import type { RunStatement } from './statements.js';

/** An account as JSON that {@link toAccount} reads; of a row of `account` by that name. */
const accountAsJson = `json_build_object('id', account.id, 'username', account.username, 'email', account.email,
  'name', account.name, 'status', account.status, 'roles', account.roles, 'profile', account.profile,
  'emailVerifiedMs', extract(epoch from account.email_verified_at)::float8 * 1000,
  'updatedMs', extract(epoch from account.updated_at)::float8 * 1000)`;

/**
 * The id that a text column names, if it is one of an account, as `named.id`. It is looked at once: where accounts are few they are
 * read one after the other, and it would be looked at beside each.
 */
export const accountIdNamedBy = (column: string) => `
  left join lateral (select case when ${column} ~ '^[0-9a-f-]{36}$' then ${column}::uuid end as id offset 0) named on true`;

/** The account that a text column names, as {@link accountAsJson}; none where it names none. */
export const accountNamedBy = (column: string) => `${accountIdNamedBy(column)}
  left join lateral (select ${accountAsJson} as account from account where id = named.id limit 1) person on true`;

const find = {
  name: 'oauth_account_find_many',
  text: `select ${accountAsJson} as account from ${wantedKeys('$1', 'uuid')} join account on id = wanted_key`,
};

/** What {@link accountAsJson} comes to. */
export interface AccountJson extends Omit<OAuthAccount, 'emailVerifiedAt' | 'updatedAt'> {
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
      const rows = await run<{ account: AccountJson }>(find, [[...new Set(ids)]]);
      const accounts = new Map(rows.map(({ account }) => [account.id, toAccount(account)]));
      return ids.map((id) => accounts.get(id) ?? null);
    },
    { cache: false, maxBatchSize: 100 },
  );
  return { findById: (id) => loader.load(id) };
}

export function toAccount({ emailVerifiedMs, updatedMs, ...account }: AccountJson): OAuthAccount {
  const emailVerifiedAt = emailVerifiedMs === null ? null : new Date(emailVerifiedMs);
  return { ...account, emailVerifiedAt, updatedAt: new Date(updatedMs) };
}
