import { isEqualSecret, keyedHash, randomSecret, sha256 } from '../../crypto/hash.js';

const purpose = 'client-secret';

/** A fresh client secret: 256 random bits in characters that survive form encoding and Basic authentication unescaped. */
export function generateClientSecret(): string {
  return randomSecret(32);
}

/** A fresh client id; begins with a letter, so that a shell takes it for no option. */
export function generateClientId(): string {
  return `c${randomSecret(15)}`;
}

/** The last characters of a secret, by which a person tells several apart. */
export function secretHint(secret: string): string {
  return secret.slice(-4);
}

/**
 * Hashes a client secret for storage: HMAC with a key of the process, `v1$<key id>$<hash>`. Fast on purpose: the secrets are
 * random, and a slow hash on the token endpoint would let anybody burn our processors.
 *
 * @param keys - secrets of the process, newest first; the newest hashes
 */
export function hashClientSecret(keys: readonly string[], secret: string): string {
  const [newest] = keys;
  if (!newest) throw new Error('hashing a client secret needs a secret key');
  return `v1$${keyId(newest)}$${keyedHash(newest, purpose, secret)}`;
}

/** Whether a secret is the one that was hashed; takes as long for a wrong one. */
export function isClientSecret(keys: readonly string[], secret: string, stored: string): boolean {
  const [version, storedKeyId, hash] = stored.split('$');
  const key = keys.find((candidate) => keyId(candidate) === storedKeyId);
  if (version !== 'v1' || !key || !hash) return false;
  return isEqualSecret(keyedHash(key, purpose, secret), hash);
}

function keyId(key: string): string {
  return sha256(`${purpose}:${key}`).slice(0, 8);
}
