import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';

/** What the LMS already has for an account. */
export type LmsFinding = OwnLmsUser | Stranger | { kind: 'nobody' };

/** Tied to the account, which is proof. */
export interface OwnLmsUser {
  kind: 'ours';
  username: string;
  userId: number | undefined;
}

/** Stands in the way, and nothing ties them to the account. */
export interface Stranger {
  kind: 'stranger';
  username: string;
  /** The account that they are tied to, if any. */
  linkedTo: string | undefined;
  isActive: boolean;
  /** Why they stand in the way: they have the address, or were tied to this account before. */
  by: 'email' | 'earlier-link';
}

export type LookupApi = Pick<LmsApi, 'mappings' | 'accountByEmail' | 'accountsByUsername'>;

/**
 * Asks the LMS before anything is created: first by the id mapping, which is proof; then for the user whom the account had
 * before; then by e-mail address, which is no proof, since whoever holds an address in the LMS need not be the person who
 * confirmed it here.
 *
 * @param formerUsername - of the LMS user whom the account was tied to, where it was
 */
export async function findInLms(
  api: LookupApi,
  account: Pick<Account, 'username' | 'email'>,
  { formerUsername, ...options }: CallOptions & { formerUsername?: string | null | undefined },
): Promise<LmsFinding> {
  const tied = await findMapped(api, account.username, options);
  if (tied) return tied;
  const former = formerUsername ? await findFormer(api, formerUsername, options) : undefined;
  if (former) return former;
  const holder = await api.accountByEmail(account.email, options);
  if (!holder) return { kind: 'nobody' };
  const [mapping] = await api.mappings({ usernames: [holder.username] }, options);
  // The mapping may have come into being between the two questions.
  if (mapping && isSameId(mapping.remoteId, account.username))
    return { kind: 'ours', username: holder.username, userId: holder.id ?? undefined };
  return {
    kind: 'stranger',
    username: holder.username,
    linkedTo: mapping?.remoteId,
    isActive: holder.isActive !== false,
    by: 'email',
  };
}

/** The user whom an account had before, if they are still there. */
async function findFormer(api: LookupApi, username: string, options: CallOptions): Promise<Stranger | undefined> {
  const [user] = await api.accountsByUsername([username], options);
  if (!user) return undefined;
  const [mapping] = await api.mappings({ usernames: [username] }, options);
  return {
    kind: 'stranger',
    username: user.username,
    linkedTo: mapping?.remoteId,
    isActive: user.isActive !== false,
    by: 'earlier-link',
  };
}

/** The LMS user that is tied to this Portico username, if any. */
export async function findMapped(
  api: LookupApi,
  remoteId: string,
  options: CallOptions,
): Promise<OwnLmsUser | undefined> {
  const mappings = await api.mappings({ remoteIds: [remoteId] }, options);
  const mapping = mappings.find((candidate) => isSameId(candidate.remoteId, remoteId));
  if (!mapping) return undefined;
  const [user] = await api.accountsByUsername([mapping.username], options);
  return { kind: 'ours', username: mapping.username, userId: user?.id ?? undefined };
}

/** Portico's usernames are unique without regard to case, and so may the LMS's database compare them. */
function isSameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
