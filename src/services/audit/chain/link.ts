import { configure } from 'safe-stable-stringify';
import type { Authenticator, Signature } from '../../../crypto/authenticator.js';
import { randomSecret, sha256 } from '../../../crypto/hash.js';

/** An act as the chain covers it: every column that tells of it. */
export interface ChainedAct {
  id: string;
  /** RFC 3339 with microseconds, UTC: all that the database keeps. */
  at: string;
  action: string;
  outcome: string;
  actorId: string | null;
  clientId: string | null;
  subjectId: string | null;
  address: string | null;
  /** What the chain holds of the address in its place; see {@link sealAddress}. */
  addressHash: string | null;
  detail: unknown;
}

/** A salt, and the hash of an address with it. */
export interface AddressSeal {
  addressSalt: string;
  addressHash: string;
}

/** A place in the chain: how many acts there are up to here, and the hash that stands for all of them. */
export interface ChainPlace {
  position: number;
  hash: string;
}

/** What ties an act to its predecessor. */
export interface Link extends ChainPlace, Signature {}

/** Before the first act. */
export const emptyChain: ChainPlace = { position: 0, hash: '' };

/** Purpose of the key that links are signed with. */
export const auditPurpose = 'audit';

/** JSON in the form of RFC 8785: sorted keys, no spaces. */
const canonicalize = configure({ deterministic: true, strict: true });

const form = 'portico-audit-1';

/**
 * Holds a network address fast without holding it: the chain covers the hash. Once address and salt are erased, nothing can be
 * found by trying all addresses, and the chain is as it was.
 */
export function sealAddress(address: string, addressSalt: string = randomSecret(16)): AddressSeal {
  return { addressSalt, addressHash: sha256(`${addressSalt}\n${address}`) };
}

/** sha256, in base64url, over the place, the hash before it and the act, as canonical JSON. Needs no key to be checked. */
export function hashLink(previous: ChainPlace, act: ChainedAct): string {
  const { id, at, action, outcome, actorId, clientId, subjectId, address, addressHash, detail } = act;
  // Acts that were chained before addresses were sealed are covered with the address itself.
  const from = addressHash === null ? { address } : { addressHash };
  const content = { id, at, action, outcome, actorId, clientId, subjectId, ...from, detail };
  const text = canonicalize([form, previous.position + 1, previous.hash, content]);
  return sha256(text);
}

/** The next link of the chain. */
export function linkAct(previous: ChainPlace, act: ChainedAct, authenticator: Authenticator): Link {
  const place = { position: previous.position + 1, hash: hashLink(previous, act) };
  return { ...place, ...authenticator.sign(signedText('link', place)) };
}

/** What a signature of a place is made over; `role` keeps a link from passing for an end of the chain. */
export function signedText(role: 'link' | 'start' | 'head', { position, hash }: ChainPlace): string {
  return [form, role, position, hash].join('\n');
}
