import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';

export const linkDrifts = ['USERNAME_DIFFERS', 'EMAIL_DIFFERS', 'NAME_DIFFERS', 'UNLINKED', 'INACTIVE'] as const;
export type LinkDrift = (typeof linkDrifts)[number];

/** What the LMS says now. `undefined`: not known, so nothing follows from it; `null`: the LMS has none. */
export interface LmsSide {
  user: { username: string; email: string | null; name: string | null; isActive: boolean | null } | null | undefined;
  mapping: { username: string; remoteId: string } | null | undefined;
}

/** Where Portico and the LMS disagree about a linked account. Empty for a link that is not there yet. */
export function findDrift(
  account: Pick<Account, 'email' | 'name'>,
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
    ['UNLINKED', isUnlinked === true],
    ['INACTIVE', user?.isActive === false],
  ];
  return drifts.filter(([, isThere]) => isThere).map(([drift]) => drift);
}

/** A value that the LMS does not show is no difference. */
function isOther(theirs: string | null | undefined, ours: string): boolean {
  return theirs != null && theirs !== ours;
}
