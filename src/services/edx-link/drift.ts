import type { LmsUser } from '../../datasources/lms/accounts.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';

export const linkDrifts = [
  'USERNAME_DIFFERS',
  'EMAIL_DIFFERS',
  'NAME_DIFFERS',
  'PROFILE_DIFFERS',
  'UNLINKED',
  'INACTIVE',
] as const;
export type LinkDrift = (typeof linkDrifts)[number];

/** What the LMS says now. `undefined`: not known, so nothing follows from it; `null`: the LMS has none. */
export interface LmsSide {
  user: Pick<LmsUser, 'username' | 'email' | 'name' | 'isActive' | 'country' | 'birthYear'> | null | undefined;
  mapping: { username: string; remoteId: string } | null | undefined;
}

/** Where Portico and the LMS disagree about a linked account. Empty for a link that is not there yet. */
export function findDrift(
  account: Pick<Account, 'email' | 'name' | 'profile'>,
  link: Pick<EdxLink, 'state' | 'edxUsername' | 'remoteId'>,
  { user, mapping }: LmsSide,
): LinkDrift[] {
  if (link.state !== 'LINKED') return [];
  const isRenamed = [user, mapping].some((side) => side && side.username !== link.edxUsername);
  const isUnlinked = mapping === null || (mapping && mapping.remoteId !== link.remoteId) || user === null;
  const drifts: [LinkDrift, boolean][] = [
    ['USERNAME_DIFFERS', isRenamed],
    ['EMAIL_DIFFERS', isOther(user?.email?.toLowerCase(), account.email.toLowerCase())],
    ['NAME_DIFFERS', isOther(user?.name, account.name)],
    ['PROFILE_DIFFERS', isProfileOther(user, account.profile)],
    ['UNLINKED', isUnlinked === true],
    ['INACTIVE', user?.isActive === false],
  ];
  return drifts.filter(([, isThere]) => isThere).map(([drift]) => drift);
}

/** What the person never told is no difference. */
function isProfileOther(
  user: LmsSide['user'],
  { country, birthYear }: Pick<Account['profile'], 'country' | 'birthYear'>,
): boolean {
  return (
    (country != null && isOther(user?.country, country.toUpperCase())) ||
    (birthYear != null && isOther(user?.birthYear, birthYear))
  );
}

/** A value that the LMS does not show is no difference. */
function isOther<Value>(theirs: Value | null | undefined, ours: Value): boolean {
  return theirs != null && theirs !== ours;
}
