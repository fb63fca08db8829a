import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import type { MappingFilter } from '../../services/third-party-mapping/mapping-filter.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import type { ThirdPartyMappingType } from '../edx-link/lms-user.type.js';
import { type ConnectionOf, toConnection } from '../page/connection.type.js';
import { pageOfLmsList } from '../page/page-of-lms-list.js';
import { readFirst, readPage } from '../page/read-page.js';
import { toFreshness } from '../upstream/freshness.type.js';
import { ThirdPartyMappingConnection } from './third-party-mapping-connection.type.js';

/** As many as the LMS puts on a page. */
const lmsPageSize = 100;

@Resolver()
export class ThirdPartyMappingResolver {
  @Access({ scope: 'tpa:read' })
  @Query(() => ThirdPartyMappingConnection, {
    nullable: true,
    complexity: 2,
    description:
      'Which users of the LMS are whom at an identity provider. For STAFF, for clients that were granted the provider, and for restricted tokens that name it. Portico’s own provider is answered from its links; of the others the LMS is asked, fifty names in a call.',
  })
  async thirdPartyMappings(
    @Arg('providerId', () => String, { description: 'As the LMS names it, e.g. `oa2-ol-oauth2`.' })
    providerId: string,
    @Arg('usernames', () => [String], {
      nullable: true,
      description: 'Of these users of the LMS, whatever their case.',
    })
    usernames: string[] | null,
    @Arg('remoteIds', () => [String], {
      nullable: true,
      description: 'Or of these people of the provider, by its own ids for them.',
    })
    remoteIds: string[] | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many: 20 unless given, at most 200.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor that the page begins after.' })
    after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<ConnectionOf<ThirdPartyMappingType>> {
    const { thirdPartyMappings } = context.services;
    await thirdPartyMappings.requireAccess(context.viewer, providerId);
    const filter = usernames || remoteIds ? { usernames: usernames ?? [], remoteIds: remoteIds ?? [] } : 'all';
    if (thirdPartyMappings.isOwn(providerId))
      return toConnection(await thirdPartyMappings.ownAfter(filter, readPage({ first, after })), toOwnMapping);
    return lmsMappings({ providerId, filter }, { size: readFirst(first), after: after ?? undefined }, context);
  }
}

/** Pages of ours out of those of the LMS; what is asked for by name comes as one. */
function lmsMappings(
  wanted: { providerId: string; filter: MappingFilter },
  page: { size: number; after: string | undefined },
  { services: { thirdPartyMappings } }: GraphContext,
): Promise<ConnectionOf<ThirdPartyMappingType>> {
  const size = wanted.filter === 'all' ? lmsPageSize : Number.MAX_SAFE_INTEGER;
  return pageOfLmsList(
    {
      async read(cursor) {
        const number = cursor === undefined ? 1 : Number(cursor);
        const { rows, count } = await thirdPartyMappings.page(
          wanted,
          { number, size },
          { purpose: 'request', priority: 'staff' },
        );
        const next = number * size < count ? String(number + 1) : undefined;
        return { value: { rows, cursor: next }, asOf: new Date(), stale: false, source: 'lms' };
      },
      nameOf: ({ username, remoteId }) => `${username} ${remoteId}`,
      placeOf: (_row, index) => index,
      toNodes: async (rows, asOf) =>
        rows.map((row) => ({ ...row, freshness: toFreshness({ asOf, stale: false, source: 'lms' }) })),
    },
    page,
  );
}

function toOwnMapping({ edxUsername, remoteId }: EdxLink): ThirdPartyMappingType {
  return { username: edxUsername ?? '', remoteId: remoteId ?? '', freshness: null };
}
