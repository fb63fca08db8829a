import type { Clock } from '../clock.js';
import type { Authenticator } from '../crypto/authenticator.js';

/** What makes an address good, as it stands in its query. */
export interface AddressSignature {
  /** Seconds since 1970. */
  expires: string;
  signature: string;
}

/** Addresses that open something for some minutes to whoever has them. */
export interface SignedAddresses {
  /** @param subject - what the address opens: no two things have the same */
  sign(subject: string): { query: URLSearchParams; expiresAt: Date };
  isGood(subject: string, signature: AddressSignature): boolean;
}

const lifeMs = 5 * 60_000;

export function createSignedAddresses({
  authenticator,
  clock,
}: {
  authenticator: Authenticator;
  clock: Clock;
}): SignedAddresses {
  return {
    sign(subject) {
      const expiresAt = new Date(Math.floor((clock().getTime() + lifeMs) / 1000) * 1000);
      const expires = String(expiresAt.getTime() / 1000);
      const { keyId, mac } = authenticator.sign(textOf(subject, expires));
      return { query: new URLSearchParams({ expires, signature: `${keyId}.${mac}` }), expiresAt };
    },
    isGood(subject, { expires, signature }) {
      if (!/^\d{1,12}$/.test(expires) || Number(expires) * 1000 <= clock().getTime()) return false;
      const [keyId = '', mac = ''] = signature.split('.');
      return authenticator.check(textOf(subject, expires), { keyId, mac }) === 'right';
    },
  };
}

function textOf(subject: string, expires: string): string {
  return `${subject} ${expires}`;
}
