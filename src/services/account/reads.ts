import { type FilterQuery, type MikroORM, raw } from '@mikro-orm/postgresql';
import { type Account, AccountEntity, type AccountStatus, type Role } from '../../entities/account.entity.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { containing } from '../text-search.js';

/** What a list of accounts is narrowed to; all given parts hold at once. */
export interface AccountFilter {
  /** A part of the username, e-mail address or name, in any case. */
  text?: string | undefined;
  status?: AccountStatus | undefined;
  role?: Role | undefined;
}

export interface AccountReads {
  findById(id: string): Promise<Account | null>;
  /** In no particular order; ids without an account are left out. */
  findByIds(ids: readonly string[]): Promise<Account[]>;
  findByUsername(username: string): Promise<Account | null>;
  findByEmail(email: string): Promise<Account | null>;
  /** By e-mail address when there is an `@` in it, which no username has; else by username. */
  findByIdentifier(identifier: string): Promise<Account | null>;
  search(filter: AccountFilter, page: PageRequest): Promise<Page<Account>>;
}

/** Accounts whose username or e-mail address is this, as their unique indexes compare. */
export function ignoringCase(column: 'username' | 'email', value: string): FilterQuery<Account> {
  return { [raw(`lower(${column})`)]: raw('lower(?)', [value]) };
}

/** Reads of accounts. None brings the password hash along. */
export function createAccountReads({ orm }: { orm: MikroORM }): AccountReads {
  const findBy = (column: 'username' | 'email', value: string) =>
    // NUL cannot be part of a text in PostgreSQL, which would be an error and not an empty answer.
    value.includes('\0') ? Promise.resolve(null) : orm.em.fork().findOne(AccountEntity, ignoringCase(column, value));
  const findByUsername = (username: string) => findBy('username', username.trim());
  const findByEmail = (email: string) => findBy('email', email.trim());
  return {
    findById: (id) => orm.em.fork().findOne(AccountEntity, { id }),
    findByIds: (ids) => orm.em.fork().find(AccountEntity, { id: { $in: [...new Set(ids)] } }),
    findByUsername,
    findByEmail,
    findByIdentifier: (identifier) => (identifier.includes('@') ? findByEmail(identifier) : findByUsername(identifier)),
    search: (filter, page) => findPage(orm.em.fork(), AccountEntity, whereOf(filter), page),
  };
}

function whereOf({ text, status, role }: AccountFilter): FilterQuery<Account> {
  const pattern = containing(text ?? '');
  return {
    $and: [
      ...(status ? [{ status }] : []),
      ...(role ? [{ roles: { $contains: [role] } }] : []),
      ...(text
        ? [{ $or: [{ username: { $ilike: pattern } }, { email: { $ilike: pattern } }, { name: { $ilike: pattern } }] }]
        : []),
    ],
  } as FilterQuery<Account>;
}
