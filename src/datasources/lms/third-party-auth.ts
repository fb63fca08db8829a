import type { CallOptions } from '../upstream/call.js';
import { readPageArgument } from '../upstream/page-argument.js';
import { encodePathSegment, queryString } from '../upstream/query.js';
import type { LmsClient } from './lms-client.js';
import { accepted } from './refusals.js';
import { parseMappingPage } from './third-party-auth.wire.js';

/** The LMS's link between one of its users and an identity of a provider. */
export interface ThirdPartyMapping {
  /** LMS username. */
  username: string;
  /** What the provider calls the person: for Portico its own username. */
  remoteId: string;
}

/** Exactly one list, neither empty nor over 50 long: both are OR-ed, an empty one means everybody, long ones make long URLs. */
export type MappingFilter = { usernames: readonly string[] } | { remoteIds: readonly string[] };

export interface MappingPage {
  rows: ThirdPartyMapping[];
  /** Number of the next page; undefined on the last. */
  nextPage: number | undefined;
}

/** Third-party auth API v0: the ID mapping of Portico's own provider in the LMS; not throttled. */
export interface MappingReads {
  /**
   * One page of at most 100 links; unknown values are missing.
   *
   * @throws UpstreamRejectedError with status 404 when the LMS has no such provider
   */
  mappingPage(filter: MappingFilter, page: number, options: CallOptions): Promise<MappingPage>;
}

export function createMappingReads(client: LmsClient): MappingReads {
  return {
    mappingPage(filter, page, options) {
      const query = queryString({
        username: 'usernames' in filter ? filter.usernames : undefined,
        remote_id: 'remoteIds' in filter ? filter.remoteIds : undefined,
        page_size: 100,
        page: page === 1 ? undefined : page,
      });
      return client.request(
        {
          operation: 'mapping.list',
          family: 'third-party-auth',
          method: 'GET',
          path: `/api/third_party_auth/v0/providers/${encodePathSegment(client.providerId)}/users${query}`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer): MappingPage => {
            // The list became shorter while it was read.
            if (answer.status === 404 && page > 1) return { rows: [], nextPage: undefined };
            const body = parseMappingPage(accepted('mapping.list', answer));
            // A remote id has one link: all of fifty fit on one page, whatever its link says.
            const next = 'remoteIds' in filter ? undefined : readPageArgument('lms', body.next, 'page');
            return {
              rows: body.results.map((row) => ({ username: row.username, remoteId: row.remote_id })),
              nextPage: next === undefined ? undefined : Number(next),
            };
          },
        },
        options,
      );
    },
  };
}
