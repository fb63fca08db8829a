import { randomFillSync } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../clock.js';
import { isEqualSecret, keyedHash, randomSecret, sha256 } from '../../crypto/hash.js';
import { type ChallengePurpose, PasskeyChallengeEntity } from '../../entities/passkey.entity.js';

/** What a challenge was given for; its answer counts for nothing else. */
export interface ChallengeUse {
  purpose: ChallengePurpose;
  /** Whose passkey shall answer; null at a sign-in, where the passkey tells. */
  accountId: string | null;
  /** A secret that only the asking browser has, in a cookie. */
  browser: string;
}

/** A challenge that was answered in time, in the right browser, for what it was given. */
export interface TakenChallenge {
  issuedAt: Date;
  /** To be called when the answer is right. @returns whether nobody has answered it rightly before */
  spend(): Promise<boolean>;
}

/**
 * Challenges live for minutes, belong to one browser, and are answered once. Those of an account are stored. Those for whoever may
 * come are not, since anybody can ask for as many as they like: they carry their time and a signature, and leave a row only when
 * a passkey has answered them.
 */
export interface PasskeyChallenges {
  /** @returns random bytes, base64url */
  issue(use: ChallengeUse): Promise<string>;
  /** The newest one that still waits; of an account. */
  find(use: ChallengeUse & { accountId: string }): Promise<string | undefined>;
  /** Takes an answer to a challenge; a stored one is used up by that. @returns nothing when it is too late, or for another use */
  take(challenge: string, use: ChallengeUse): Promise<TakenChallenge | undefined>;
}

/** To register a passkey there is more to read and to choose than to use one. */
const lifeMinutes: Record<ChallengePurpose, number> = { register: 15, 'sign-in': 5, 'second-step': 5, proof: 5 };
const lifeMsOf = ({ purpose }: Pick<ChallengeUse, 'purpose'>) => lifeMinutes[purpose] * 60_000;

/** @param keys - secrets of the process, newest first */
export function createPasskeyChallenges({
  orm,
  clock,
  keys,
}: {
  orm: MikroORM;
  clock: Clock;
  keys: readonly [string, ...string[]];
}): PasskeyChallenges {
  const liveOf = ({ purpose, accountId, browser }: ChallengeUse) => ({
    purpose,
    accountId,
    browserHash: sha256(browser),
    expiresAt: { $gt: clock() },
  });
  const expiryOf = (use: ChallengeUse, issuedAt: Date) => new Date(issuedAt.getTime() + lifeMsOf(use));
  const signed = (key: string, content: string, { purpose, browser }: ChallengeUse) =>
    content + keyedHash(key, 'passkey-challenge', [content, purpose, sha256(browser)].join(' '));

  const store = async (challenge: string, use: ChallengeUse, issuedAt: Date): Promise<boolean> => {
    const { purpose, accountId, browser } = use;
    const [id, expiresAt] = [uuidv7(), expiryOf(use, issuedAt)];
    const rows = await orm.em.fork().execute<unknown[]>(
      `insert into passkey_challenge (id, created_at, updated_at, challenge, purpose, account_id, browser_hash, expires_at)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (challenge) do nothing returning id`,
      [id, issuedAt, issuedAt, challenge, purpose, accountId, sha256(browser), expiresAt],
    );
    return rows.length === 1;
  };

  const takeSigned = (challenge: string, use: ChallengeUse): TakenChallenge | undefined => {
    const content = challenge.slice(0, contentLength);
    if (!keys.some((key) => isEqualSecret(challenge, signed(key, content, use)))) return undefined;
    const issuedAt = new Date(Buffer.from(content, 'base64url').readUIntBE(randomBytesCount, timeBytesCount));
    if (expiryOf(use, issuedAt) <= clock()) return undefined;
    return { issuedAt, spend: () => store(challenge, use, issuedAt) };
  };

  const takeStored = async (challenge: string, use: ChallengeUse): Promise<TakenChallenge | undefined> => {
    const em = orm.em.fork();
    const row = await em.findOne(PasskeyChallengeEntity, { challenge, ...liveOf(use) });
    // One conditional delete: of many who come with one challenge at the same time, one is first.
    if (!row || (await em.nativeDelete(PasskeyChallengeEntity, { id: row.id })) === 0) return undefined;
    return { issuedAt: new Date(row.expiresAt.getTime() - lifeMsOf(use)), spend: async () => true };
  };

  return {
    issue: async (use) => {
      const issuedAt = clock();
      if (use.accountId === null) return signed(keys[0], contentAt(issuedAt), use);
      const challenge = randomSecret();
      await store(challenge, use, issuedAt);
      return challenge;
    },
    find: async (use) =>
      (await orm.em.fork().findOne(PasskeyChallengeEntity, liveOf(use), { orderBy: { id: 'desc' } }))?.challenge,
    take: async (challenge, use) => (use.accountId === null ? takeSigned(challenge, use) : takeStored(challenge, use)),
  };
}

const randomBytesCount = 18;
/** Milliseconds since the epoch fill six bytes. */
const timeBytesCount = 6;
/** Both in base64url, which needs no padding for them. */
const contentLength = ((randomBytesCount + timeBytesCount) * 4) / 3;

function contentAt(time: Date): string {
  const content = Buffer.alloc(randomBytesCount + timeBytesCount);
  randomFillSync(content, 0, randomBytesCount);
  content.writeUIntBE(time.getTime(), randomBytesCount, timeBytesCount);
  return content.toString('base64url');
}
