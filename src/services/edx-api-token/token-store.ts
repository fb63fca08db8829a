import type { EntityManager } from '@mikro-orm/postgresql';
import type { Sealer } from '../../crypto/sealer.js';
import type { LmsToken } from '../../datasources/lms/token-endpoint.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { announceLink, lockLink } from '../edx-link/transition.js';
import { forgetApiToken } from './forget.js';

/** What is stored of a learner's API token, opened. */
export interface StoredToken {
  isLinked: boolean;
  lmsUsername: string | undefined;
  accessToken: string | undefined;
  refreshToken: string | undefined;
  expiresAt: Date | undefined;
}

/** The LMS's clock and ours may differ, and a request takes time to arrive. */
const marginMs = 10_000;

/** A pair as it is stored. */
interface StoredPair {
  id: string;
  access: string;
  refresh: string | null;
}

const resealedAtOnce = 1_000;

/** The learners' API tokens at rest: sealed, in the row of the edX link. */
export interface TokenStore {
  read(accountId: string): Promise<StoredToken>;
  /** Replaces the pair, in one statement: nobody ever sees half of it. */
  write(accountId: string, token: LmsToken, now: Date): Promise<void>;
  /** Drops the pair, and has the LMS end it. */
  forget(accountId: string): Promise<void>;
  /** @returns a sealed token, opened; `undefined` when no configured key opens it */
  open(sealed: string): Promise<string | undefined>;
  /**
   * Seals anew what an older key sealed, so that the key can be taken away. A pair that changes meanwhile is left alone.
   *
   * @returns how many pairs; very many are continued the next time
   */
  reseal(): Promise<number>;
  /** Stores why there is no new pair; the old one is kept. */
  writeFailure(accountId: string, failure: UpstreamFailure): Promise<void>;
}

export function createTokenStore({ em, sealer }: { em: EntityManager; sealer: Sealer }): TokenStore {
  const open = async (sealed: string | null | undefined): Promise<string | undefined> =>
    // Sealed with a key that is gone: as good as none, another one can be had.
    sealed ? sealer.open(sealed).catch(() => undefined) : undefined;
  return {
    open,
    async read(accountId) {
      const link = await em
        .fork()
        .findOne(EdxLinkEntity, { accountId }, { populate: ['apiAccessToken', 'apiRefreshToken'] });
      return {
        isLinked: link?.state === 'LINKED',
        lmsUsername: link?.edxUsername ?? undefined,
        accessToken: await open(link?.apiAccessToken),
        refreshToken: await open(link?.apiRefreshToken),
        expiresAt: link?.apiTokenExpiresAt ?? undefined,
      };
    },
    async write(accountId, token, now) {
      const access = await sealer.seal(token.accessToken);
      const refresh = token.refreshToken === undefined ? null : await sealer.seal(token.refreshToken);
      await em.fork().transactional(async (tx) => {
        const link = await lockLink(tx, accountId);
        if (link?.state !== 'LINKED') return;
        link.apiAccessToken = access;
        link.apiRefreshToken = refresh;
        link.apiTokenExpiresAt = new Date(now.getTime() + token.expiresInSeconds * 1000 - marginMs);
        link.apiTokenRefreshedAt = now;
        link.apiTokenLastError = null;
        await tx.flush();
        await announceLink(tx, link);
      });
    },
    forget: (accountId) =>
      em.fork().transactional(async (tx) => {
        const link = await lockLink(tx, accountId);
        if (link) await forgetApiToken(tx, link);
        await tx.flush();
      }),
    async reseal() {
      const stale = await em.fork().execute<StoredPair[]>(
        `select id, api_access_token as access, api_refresh_token as refresh from edx_link
         where api_access_token is not null and not starts_with(api_access_token, ?) limit ${resealedAtOnce}`,
        [sealer.newestPrefix],
      );
      let done = 0;
      for (const { id, access, refresh } of stale) {
        const [plainAccess, plainRefresh] = [await open(access), await open(refresh)];
        // What no key opens is given up, so that it is not looked at each time.
        const pair = {
          apiAccessToken: plainAccess === undefined ? null : await sealer.seal(plainAccess),
          apiRefreshToken: plainRefresh === undefined ? null : await sealer.seal(plainRefresh),
        };
        done += await em.fork().nativeUpdate(EdxLinkEntity, { id, apiAccessToken: access }, pair);
      }
      return done;
    },
    async writeFailure(accountId, failure) {
      await em.fork().transactional(async (tx) => {
        const link = await lockLink(tx, accountId);
        if (!link) return;
        const isNews = link.apiTokenLastError?.code !== failure.code;
        link.apiTokenLastError = failure;
        await tx.flush();
        if (isNews) await announceLink(tx, link);
      });
    },
  };
}
