import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import type { MappingFilter } from './mapping-filter.js';

/** States in which the LMS holds the link: it keeps that of a user who is not active. */
const heldStates: EdxLink['state'][] = ['LINKED', 'DEACTIVATED'];

/** Which accounts of Portico are which users of the LMS, as Portico itself knows it; whoever has none is not in the list. */
export interface OwnLinks {
  /** A numbered page, oldest first. */
  page(
    filter: MappingFilter,
    page: { offset: number; size: number },
  ): Promise<Pick<EdxLink, 'edxUsername' | 'remoteId'>[]>;
  count(filter: MappingFilter): Promise<number>;
  /** A page by keyset, oldest first. */
  after(filter: MappingFilter, page: PageRequest): Promise<Page<EdxLink>>;
}

export function createOwnLinks({ em, providerId }: { em: EntityManager; providerId: string }): OwnLinks {
  const where = (filter: MappingFilter): FilterQuery<EdxLink> => ({
    $and: [
      { providerId, state: { $in: heldStates }, edxUsername: { $ne: null }, remoteId: { $ne: null } },
      ...(filter === 'all' ? [] : [namedIn(filter)]),
    ],
  });
  return {
    page: (filter, { offset, size }) =>
      em.fork().find(EdxLinkEntity, where(filter), { orderBy: { id: 'asc' }, offset, limit: size }),
    count: (filter) => em.fork().count(EdxLinkEntity, where(filter)),
    after: (filter, page) => findPage(em.fork(), EdxLinkEntity, where(filter), page),
  };
}

/** Without regard to case, as the LMS compares them. */
function namedIn({ usernames, remoteIds }: Exclude<MappingFilter, 'all'>): FilterQuery<EdxLink> {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  return {
    $or: [
      { [raw('lower(edx_username)')]: { $in: lower(usernames) } },
      { [raw('lower(remote_id)')]: { $in: lower(remoteIds) } },
    ],
  };
}
