import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { randomSecret, sha256 } from '../../crypto/hash.js';
import { type ChallengePurpose, PasskeyChallengeEntity } from '../../entities/passkey.entity.js';

/** What a challenge was given for; its answer counts for nothing else. */
export interface ChallengeUse {
  purpose: ChallengePurpose;
  /** Whose passkey shall answer; null at a sign-in, where the passkey tells. */
  accountId: string | null;
  /** A secret that only the asking browser has, in a cookie. */
  browser: string;
}

/** Challenges are stored, live for minutes, belong to one browser, and are answered once. */
export interface PasskeyChallenges {
  /** @returns 32 random bytes, base64url */
  issue(use: ChallengeUse): Promise<string>;
  /** The newest one that still waits. */
  find(use: ChallengeUse): Promise<string | undefined>;
  /** Uses a challenge up. @returns whether the caller was the one to do so, in time and for this use */
  take(challenge: string, use: ChallengeUse): Promise<boolean>;
}

/** To register a passkey there is more to read and to choose than to use one. */
const lifeMinutes: Record<ChallengePurpose, number> = { register: 15, 'sign-in': 5, 'second-step': 5, proof: 5 };

export function createPasskeyChallenges({ orm, clock }: { orm: MikroORM; clock: Clock }): PasskeyChallenges {
  const liveOf = ({ purpose, accountId, browser }: ChallengeUse) => ({
    purpose,
    accountId,
    browserHash: sha256(browser),
    expiresAt: { $gt: clock() },
  });
  return {
    issue: async ({ purpose, accountId, browser }) => {
      const challenge = randomSecret();
      const expiresAt = new Date(clock().getTime() + lifeMinutes[purpose] * 60_000);
      const em = orm.em.fork();
      em.create(PasskeyChallengeEntity, { challenge, purpose, accountId, browserHash: sha256(browser), expiresAt });
      await em.flush();
      return challenge;
    },
    find: async (use) =>
      (await orm.em.fork().findOne(PasskeyChallengeEntity, liveOf(use), { orderBy: { id: 'desc' } }))?.challenge,
    // One conditional delete: of many who come with one challenge at the same time, one is first.
    take: async (challenge, use) =>
      (await orm.em.fork().nativeDelete(PasskeyChallengeEntity, { challenge, ...liveOf(use) })) === 1,
  };
}
