import { type EntityManager, type FilterQuery, type MikroORM, raw } from '@mikro-orm/postgresql';
import { type Account, AccountEntity, type AccountStatus, type Role } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { prepareReadByKeys } from '../../entities/prepared-rows.js';
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
  /** Every account that an operator may mean by a text; see `lookUpAccount`. */
  findMeant(text: string): Promise<Account[]>;
  search(filter: AccountFilter, page: PageRequest): Promise<Page<Account>>;
}

/** Accounts whose username or e-mail address is this, as their unique indexes compare. */
export function ignoringCase(column: 'username' | 'email', value: string): FilterQuery<Account> {
  return { [raw(`lower(${column})`)]: raw('lower(?)', [value]) };
}

/** Everybody who asks the graph is read by it. */
const readAccounts = prepareReadByKeys(AccountEntity, { name: 'account_of_ids', column: 'id', type: 'uuid' });

/** Reads of accounts. None brings the password hash along. */
export function createAccountReads({ orm }: { orm: MikroORM }): AccountReads {
  const findBy = (column: 'username' | 'email', value: string) =>
    // NUL cannot be part of a text in PostgreSQL, which would be an error and not an empty answer.
    value.includes('\0') ? Promise.resolve(null) : orm.em.fork().findOne(AccountEntity, ignoringCase(column, value));
  const findByUsername = (username: string) => findBy('username', username.trim());
  const findByEmail = (email: string) => findBy('email', email.trim());
  return {
    findById: (id) => orm.em.fork().findOne(AccountEntity, { id }),
    findByIds: (ids) => readAccounts(orm.em, ids),
    findByUsername,
    findByEmail,
    findByIdentifier: (identifier) => (identifier.includes('@') ? findByEmail(identifier) : findByUsername(identifier)),
    findMeant: (text) => findMeant(orm.em.fork(), text),
    search: (filter, page) => findPage(orm.em.fork(), AccountEntity, whereOf(filter), page),
  };
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The LMS counts its users; what is longer than its column is no id. */
const lmsUserIdPattern = /^\d{1,9}$/;

async function findMeant(em: EntityManager, text: string): Promise<Account[]> {
  if (text.includes('\0')) return [];
  if (uuidPattern.test(text)) return em.find(AccountEntity, { id: text });
  if (text.includes('@')) return em.find(AccountEntity, ignoringCase('email', text));
  const links = await em.find(
    EdxLinkEntity,
    lmsUserIdPattern.test(text)
      ? { edxUserId: Number(text) }
      : ({ [raw('lower(edx_username)')]: raw('lower(?)', [text]) } as FilterQuery<EdxLink>),
    { fields: ['accountId'] },
  );
  return em.find(AccountEntity, {
    $or: [ignoringCase('username', text), { id: { $in: links.map(({ accountId }) => accountId) } }],
  } as FilterQuery<Account>);
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
