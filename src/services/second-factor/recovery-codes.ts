import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { keyedHash } from '../../crypto/hash.js';
import { RecoveryCodeEntity } from '../../entities/second-factor.entity.js';

const count = 10;
/** Without letters and digits that look like others. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const length = 12;

/** Codes for the day when the app is gone: each works once, only their hashes are kept. */
export interface RecoveryCodes {
  /** Replaces all codes of an account. @returns the new ones, which are shown this once */
  renew(tx: EntityManager, accountId: string): Promise<string[]>;
  /** Whether the code was one, and the caller the one to use it. */
  use(em: EntityManager, accountId: string, typed: string, now: Date): Promise<boolean>;
  removeAll(tx: EntityManager, accountId: string): Promise<void>;
}

/** @param keys - secrets of the process, newest first */
export function createRecoveryCodes(keys: readonly [string, ...string[]]): RecoveryCodes {
  const hashOf = (key: string, accountId: string, code: string) =>
    keyedHash(key, 'recovery-code', `${accountId}:${code}`);
  return {
    renew: async (tx, accountId) => {
      await tx.nativeDelete(RecoveryCodeEntity, { accountId });
      const codes = Array.from({ length: count }, randomCode);
      for (const code of codes)
        tx.create(RecoveryCodeEntity, { accountId, hash: hashOf(keys[0], accountId, plainOf(code)) });
      await tx.flush();
      return codes;
    },
    use: async (em, accountId, typed, now) => {
      const code = plainOf(typed);
      if (code.length !== length) return false;
      const hash = { $in: keys.map((key) => hashOf(key, accountId, code)) };
      // One conditional update: of many who come with one code at the same time, one is first.
      return (await em.nativeUpdate(RecoveryCodeEntity, { accountId, hash, usedAt: null }, { usedAt: now })) === 1;
    },
    removeAll: async (tx, accountId) => {
      await tx.nativeDelete(RecoveryCodeEntity, { accountId });
    },
  };
}

/** e.g. `k7mp-2xqa-w9ft`; 31 signs in 12 places are 59 bits. */
function randomCode(): string {
  const signs: string[] = [];
  while (signs.length < length)
    for (const byte of randomBytes(length)) {
      // The bytes above the last whole multiple would make some signs likelier than others.
      if (byte >= 248 || signs.length === length) continue;
      signs.push(alphabet.charAt(byte % alphabet.length));
    }
  return signs.join('').replace(/(.{4})(?=.)/g, '$1-');
}

function plainOf(typed: string): string {
  return typed.toLowerCase().replace(/[^a-z0-9]/g, '');
}
