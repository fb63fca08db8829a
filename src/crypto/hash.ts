import {
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';

/** sha256 in base64url. For identifiers with enough entropy of their own; passwords go to argon2. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** HMAC-SHA-256 in base64url, with a key derived for one purpose. */
export function keyedHash(key: string, purpose: string, text: string): string {
  return createHmac('sha256', derivedKey(key, purpose)).update(text).digest('base64url');
}

/** Deriving takes longer than hashing, and a process has a handful of keys and purposes. */
const derivedKeys = new Map<string, KeyObject>();

function derivedKey(key: string, purpose: string): KeyObject {
  const name = `${purpose} ${key}`;
  const known = derivedKeys.get(name);
  if (known) return known;
  const derived = createSecretKey(new Uint8Array(hkdfSync('sha256', key, 'portico', `hash:${purpose}`, 32)));
  derivedKeys.set(name, derived);
  return derived;
}

/** Compares without telling by its time where the difference is. */
export function isEqualSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const pool = Buffer.alloc(4096);
let unused = 0;

/** A random secret of URL-safe characters; 32 bytes give 43 characters. */
export function randomSecret(bytes = 32): string {
  if (bytes > pool.length) throw new RangeError('a secret is not that long');
  // Asking the system costs the same for a few bytes as for many.
  if (bytes > unused) {
    randomFillSync(pool);
    unused = pool.length;
  }
  const taken = pool.subarray(unused - bytes, unused);
  unused -= bytes;
  const secret = taken.toString('base64url');
  taken.fill(0);
  return secret;
}
