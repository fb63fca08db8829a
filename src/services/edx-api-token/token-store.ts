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
  accessToken: string | undefined;
  refreshToken: string | undefined;
  expiresAt: Date | undefined;
}

/** The LMS's clock and ours may differ, and a request takes time to arrive. */
const marginMs = 10_000;

/** The learners' API tokens at rest: sealed, in the row of the edX link. */
export interface TokenStore {
  read(accountId: string): Promise<StoredToken>;
  /** Replaces the pair, in one statement: nobody ever sees half of it. */
  write(accountId: string, token: LmsToken, now: Date): Promise<void>;
  /** Drops the pair, and has the LMS end it. */
  forget(accountId: string): Promise<void>;
  /** @returns a sealed token, opened; `undefined` when no configured key opens it */
  open(sealed: string): Promise<string | undefined>;
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
