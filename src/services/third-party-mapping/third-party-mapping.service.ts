import type { EntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../access/viewer.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { ThirdPartyMapping } from '../../datasources/lms/third-party-auth.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { NotFoundError, UpstreamRejectedError } from '../../errors.js';
import type { Page, PageRequest } from '../keyset.js';
import { type ProviderGrants, requireMappingAccess } from './mapping-access.js';
import type { MappingFilter } from './mapping-filter.js';
import { createOwnLinks } from './own-links.js';

/** A numbered page of a mapping. */
export interface MappingPage {
  rows: ThirdPartyMapping[];
  /** Of the whole list. */
  count: number;
  /** From 1. */
  number: number;
}

/**
 * Which users of the LMS are whom at a provider. Portico's own provider is answered from its links; for the others the LMS is
 * asked, fifty names in a call.
 */
export interface ThirdPartyMappings {
  /** Whether a provider is Portico itself, so that the LMS need not be asked. */
  isOwn(providerId: string): boolean;
  /** @throws as {@link requireMappingAccess} */
  requireAccess(viewer: Viewer, providerId: string): Promise<void>;
  /**
   * @param page - from 1, or the last; may be past the end, then it has no rows
   * @throws NotFoundError when there is no such provider
   * @throws UpstreamUnavailableError when the LMS had to be asked and does not answer
   */
  page(
    wanted: { providerId: string; filter: MappingFilter },
    page: { number: number | 'last'; size: number },
    options: CallOptions,
  ): Promise<MappingPage>;
  /** A page by keyset of Portico's own provider. */
  ownAfter(filter: MappingFilter, page: PageRequest): Promise<Page<EdxLink>>;
}

export function createThirdPartyMappings({
  em,
  api,
  ownProviderId,
  grants,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'mappings' | 'mappingsOfProvider'>;
  ownProviderId: string;
  grants: ProviderGrants;
}): ThirdPartyMappings {
  const own = createOwnLinks({ em, providerId: ownProviderId });

  const readAt = async (
    { providerId, filter }: { providerId: string; filter: MappingFilter },
    { number, size }: { number: number; size: number },
    options: CallOptions,
  ): Promise<Omit<MappingPage, 'number'>> => {
    const offset = (number - 1) * size;
    if (providerId === ownProviderId) {
      const [links, count] = await Promise.all([own.page(filter, { offset, size }), own.count(filter)]);
      return { rows: links.map(toMapping), count };
    }
    if (filter === 'all') return api.mappingsOfProvider(providerId, { number, size }, options);
    const all = await api.mappings({ ...filter, providerId }, options);
    return { rows: all.slice(offset, offset + size), count: all.length };
  };

  return {
    isOwn: (providerId) => providerId === ownProviderId,
    requireAccess: (viewer, providerId) => requireMappingAccess(viewer, providerId, grants),
    async page(wanted, { number, size }, options) {
      // What has no hyphen is no id of a provider, and the LMS itself stumbles over it.
      if (!/^[\w.]+-[\w.+-]+$/.test(wanted.providerId)) throw unknownProvider();
      try {
        if (number !== 'last') return { ...(await readAt(wanted, { number, size }, options)), number };
        const { count } = await readAt(wanted, { number: 1, size: 1 }, options);
        const last = Math.max(1, Math.ceil(count / size));
        return { ...(await readAt(wanted, { number: last, size }, options)), number: last };
      } catch (error) {
        throw error instanceof UpstreamRejectedError && error.status === 404 ? unknownProvider() : error;
      }
    },
    ownAfter: own.after,
  };
}

function toMapping({ edxUsername, remoteId }: Pick<EdxLink, 'edxUsername' | 'remoteId'>): ThirdPartyMapping {
  return { username: edxUsername ?? '', remoteId: remoteId ?? '' };
}

function unknownProvider(): NotFoundError {
  return new NotFoundError('There is no such provider.');
}
