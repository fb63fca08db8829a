import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { sha256 } from './hash.js';

/** Encrypts small secrets for storage: JWE, `dir`, A256GCM, with a key per purpose and a key id. */
export interface Sealer {
  seal(plain: string): Promise<string>;
  /** @throws Error when the value was sealed with a key that is no longer configured, or tampered with */
  open(sealed: string): Promise<string>;
  /** Whether the value was sealed with an older key and should be sealed anew. */
  isStale(sealed: string): boolean;
  /** How everything begins that the newest key sealed, so that a query can find the rest. */
  readonly newestPrefix: string;
}

/**
 * @param keys - secrets of the process, newest first: the first seals, all open
 * @param purpose - keeps values of one use from being opened by another, e.g. `edx-api-token`
 */
export function createSealer(keys: readonly string[], purpose: string): Sealer {
  const derived = keys.map((key) => ({
    kid: sha256(`${purpose}:${key}`).slice(0, 12),
    key: new Uint8Array(hkdfSync('sha256', key, 'portico', `seal:${purpose}`, 32)),
  }));
  const newest = derived[0];
  if (!newest) throw new Error('a sealer needs at least one key');
  const header = { alg: 'dir', enc: 'A256GCM', kid: newest.kid };
  return {
    newestPrefix: `${Buffer.from(JSON.stringify(header)).toString('base64url')}.`,
    seal: (plain) => new CompactEncrypt(new TextEncoder().encode(plain)).setProtectedHeader(header).encrypt(newest.key),
    open: async (sealed) => {
      const { kid } = decodeProtectedHeader(sealed);
      const match = derived.find((candidate) => candidate.kid === kid);
      if (!match) throw new Error(`no configured secret key opens this value (purpose ${purpose})`);
      const { plaintext } = await compactDecrypt(sealed, match.key);
      return new TextDecoder().decode(plaintext);
    },
    isStale: (sealed) => decodeProtectedHeader(sealed).kid !== newest.kid,
  };
}
