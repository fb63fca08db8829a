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

/** A part of all links of a provider, as the LMS numbers its pages. */
export interface ProviderMappings {
  rows: ThirdPartyMapping[];
  /** Of the whole list. */
  count: number;
}

/** Third-party auth API v0: the ID mapping of the providers of the LMS; not throttled. */
export interface MappingReads {
  /**
   * One page of at most 100 links; unknown values are missing.
   *
   * @param providerId - Portico's own unless given
   * @throws UpstreamRejectedError with status 404 when the LMS has no such provider
   */
  mappingPage(filter: MappingFilter, page: number, options: CallOptions, providerId?: string): Promise<MappingPage>;
  /**
   * One page of everybody whom a provider knows; without rows past the end.
   *
   * @param size - at most 100
   * @throws UpstreamRejectedError with status 404 when the LMS has no such provider
   */
  mappingsOfProvider(
    providerId: string,
    page: { number: number; size: number },
    options: CallOptions,
  ): Promise<ProviderMappings>;
}

export function createMappingReads(client: LmsClient): MappingReads {
  const usersOf = (providerId: string) => `/api/third_party_auth/v0/providers/${encodePathSegment(providerId)}/users`;
  const shared = {
    operation: 'mapping.list',
    family: 'third-party-auth',
    method: 'GET',
    credentials: 'worker',
    isIdempotent: true,
  } as const;
  return {
    mappingPage(filter, page, options, providerId = client.providerId) {
      const query = queryString({
        username: 'usernames' in filter ? filter.usernames : undefined,
        remote_id: 'remoteIds' in filter ? filter.remoteIds : undefined,
        page_size: 100,
        page: page === 1 ? undefined : page,
      });
      return client.request(
        {
          ...shared,
          path: `${usersOf(providerId)}${query}`,
          read: (answer): MappingPage => {
            // The list became shorter while it was read.
            if (answer.status === 404 && page > 1) return { rows: [], nextPage: undefined };
            const body = parseMappingPage(accepted('mapping.list', answer));
            // A remote id has one link: all of fifty fit on one page, whatever its link says.
            const next = 'remoteIds' in filter ? undefined : readPageArgument('lms', body.next, 'page');
            return {
              rows: body.results.map(toMapping),
              nextPage: next === undefined ? undefined : Number(next),
            };
          },
        },
        options,
      );
    },
    async mappingsOfProvider(providerId, { number, size }, options) {
      const pageAt = (page: number, pageSize: number) =>
        client.request(
          {
            ...shared,
            path: `${usersOf(providerId)}${queryString({ page_size: pageSize, page: page === 1 ? undefined : page })}`,
            read: (answer): ProviderMappings | undefined => {
              if (answer.status === 404 && page > 1) return undefined;
              const { results, count } = parseMappingPage(accepted('mapping.list', answer));
              return { rows: results.map(toMapping), count };
            },
          },
          options,
        );
      // Past the end, or no such provider: the first page tells which.
      return (await pageAt(number, size)) ?? { rows: [], count: (await pageAt(1, 1))?.count ?? 0 };
    },
  };
}

function toMapping({ username, remote_id: remoteId }: { username: string; remote_id: string }): ThirdPartyMapping {
  return { username, remoteId };
}
