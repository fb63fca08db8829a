import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';

/** What the LMS already has for an account. */
export type LmsFinding =
  | { kind: 'ours'; username: string; userId: number | undefined }
  /** The address is taken by an LMS user whom nothing ties to this account. */
  | { kind: 'stranger'; username: string; linkedTo: string | undefined }
  | { kind: 'nobody' };

type LookupApi = Pick<LmsApi, 'mappings' | 'accountByEmail' | 'accountsByUsername'>;

/**
 * Asks the LMS before anything is created: first by the id mapping, which is proof; then by e-mail address, which is none,
 * since whoever holds an address in the LMS need not be the person who confirmed it here.
 */
export async function findInLms(api: LookupApi, account: Account, options: CallOptions): Promise<LmsFinding> {
  const tied = await findMapped(api, account.username, options);
  if (tied) return tied;
  const stranger = await api.accountByEmail(account.email, options);
  if (!stranger) return { kind: 'nobody' };
  const [mapping] = await api.mappings({ usernames: [stranger.username] }, options);
  // The mapping may have come into being between the two questions.
  if (mapping && isSameId(mapping.remoteId, account.username))
    return { kind: 'ours', username: stranger.username, userId: stranger.id ?? undefined };
  return { kind: 'stranger', username: stranger.username, linkedTo: mapping?.remoteId };
}

/** The LMS user that is tied to this Portico username, if any. */
export async function findMapped(
  api: LookupApi,
  remoteId: string,
  options: CallOptions,
): Promise<Extract<LmsFinding, { kind: 'ours' }> | undefined> {
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
