import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { isEqualSecret, sha256 } from './hash.js';

/** A message authentication code and the id of the key that made it. */
export interface Signature {
  mac: string;
  keyId: string;
}

/** Signs what is stored in plain sight, so that who can write to the database alone cannot make it up. */
export interface Authenticator {
  sign(text: string): Signature;
  /** `unknown-key`: signed with a key that is no longer configured, or said to be. */
  check(text: string, signature: Signature): 'right' | 'wrong' | 'unknown-key';
}

/**
 * HMAC-SHA-256 with a key per purpose.
 *
 * @param keys - secrets of the process, newest first: the first signs, all check
 * @param purpose - keeps the signatures of one use from counting in another
 */
export function createAuthenticator(keys: readonly string[], purpose: string): Authenticator {
  const derived = keys.map((key) => ({
    keyId: sha256(`sign:${purpose}:${key}`).slice(0, 12),
    key: createSecretKey(new Uint8Array(hkdfSync('sha256', key, 'portico', `sign:${purpose}`, 32))),
  }));
  const newest = derived[0];
  if (!newest) throw new Error('an authenticator needs at least one key');
  const macOf = (key: KeyObject, text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    sign: (text) => ({ mac: macOf(newest.key, text), keyId: newest.keyId }),
    check: (text, { mac, keyId }) => {
      const match = derived.find((candidate) => candidate.keyId === keyId);
      if (!match) return 'unknown-key';
      return isEqualSecret(mac, macOf(match.key, text)) ? 'right' : 'wrong';
    },
  };
}
