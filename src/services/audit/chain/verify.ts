import type { EntityManager } from '@mikro-orm/postgresql';
import type { Authenticator } from '../../../crypto/authenticator.js';
import { readAnchor } from './anchor.js';
import {
  countLinks,
  findUnchained,
  hasLinks,
  type LinkAlone,
  type LinkedAct,
  readChained,
  type Unchained,
} from './chain-rows.js';
import { type ChainPlace, emptyChain, hashLink, type Link, sealAddress, signedText } from './link.js';

/**
 * What is wrong with a chain.
 * - `missing`: the event of this position is gone
 * - `changed`: event or hash are not what they were when they were chained
 * - `forged`: the hash fits, but was not signed here
 * - `start`, `head`: the signed end of the chain is gone or was not signed here
 * - `cut-off`: the events from this position to the head are gone
 * - `extra`: there are events in the chain's numbering that are not in the chain
 * - `unlike-noted`: the chain is another one than that of the head that was noted
 */
export type ChainFaultKind = 'missing' | 'changed' | 'forged' | 'start' | 'head' | 'cut-off' | 'extra' | 'unlike-noted';

export interface ChainFault {
  kind: ChainFaultKind;
  /** The first position that is not as it should be. */
  position: number;
  eventId: string | null;
}

export interface ChainReport extends Unchained {
  isIntact: boolean;
  fault: ChainFault | null;
  /** Events that were found to be in order. */
  verified: number;
  /** Those among them that only hashes vouch for, since the key that signed them is no longer configured. */
  signedWithFormerKeys: number;
  /** Those among them whose network address was erased when the account was retired that it belonged to. */
  withErasedAddress: number;
  /** The last place that was found to be in order. */
  head: ChainPlace;
}

export interface VerifyOptions {
  em: EntityManager;
  authenticator: Authenticator;
  /** A head that was noted earlier, outside the database; it must be part of the chain. */
  notedHead?: ChainPlace | undefined;
  /** Called after each batch. */
  onProgress?: (progress: { verified: number; total: number }) => void;
  batchSize?: number;
}

class Faulty extends Error {
  constructor(readonly fault: ChainFault) {
    super(fault.kind);
  }
}

const defaultBatchSize = 2_000;

/** Verifies the chain from its start to its head; reads only. Acts that are chained meanwhile are verified too. */
export async function verifyAuditChain(options: VerifyOptions): Promise<ChainReport> {
  const state: WalkState = { place: emptyChain, verified: 0, signedWithFormerKeys: 0, withErasedAddress: 0 };
  const fault = await walk(options, state).then(
    () => null,
    (error: unknown) => {
      if (error instanceof Faulty) return error.fault;
      throw error;
    },
  );
  const { unchained, unchainedSince } = await findUnchained(options.em);
  const { position, hash } = state.place;
  return {
    isIntact: fault === null,
    fault,
    verified: state.verified,
    signedWithFormerKeys: state.signedWithFormerKeys,
    withErasedAddress: state.withErasedAddress,
    head: { position, hash },
    unchained,
    unchainedSince,
  };
}

interface WalkState {
  place: ChainPlace;
  verified: number;
  signedWithFormerKeys: number;
  withErasedAddress: number;
}

async function walk(options: VerifyOptions, state: WalkState): Promise<void> {
  const { em, authenticator, notedHead, onProgress, batchSize = defaultBatchSize } = options;
  const start = await readAnchor(em, 'start');
  if (start) requireSigned('start', start, authenticator);
  const startPlace = start ?? emptyChain;
  state.place = startPlace;
  const checkNoted = ({ position, hash }: ChainPlace) => {
    if (notedHead?.position === position && notedHead.hash !== hash) fail('unlike-noted', position);
  };
  checkNoted(startPlace);
  for (;;) {
    const head = await readAnchor(em, 'head');
    if (!head) {
      if ((await hasLinks(em)) || start || (notedHead && notedHead.position > 0)) fail('head', state.place.position);
      return;
    }
    requireSigned('head', head, authenticator);
    while (state.place.position < head.position) {
      const acts = await readChained(em, state.place.position, batchSize);
      const within = acts.filter(({ position }) => position <= head.position);
      if (within.length === 0) fail('cut-off', state.place.position + 1);
      for (const act of within) {
        requireNext(state.place, act);
        if (checkLink(state.place, act, authenticator) === 'unknown-key') state.signedWithFormerKeys += 1;
        if (isErased(act)) state.withErasedAddress += 1;
        state.place = act;
        state.verified += 1;
        checkNoted(act);
      }
      onProgress?.({ verified: state.verified, total: head.position - startPlace.position });
    }
    if (state.place.hash !== head.hash) fail('head', head.position);
    const end = await readEnd(em);
    if (end.head && end.head.position > head.position) continue;
    if (end.chained !== head.position - startPlace.position) fail('extra', head.position + 1);
    if (notedHead && notedHead.position > head.position) fail('cut-off', head.position + 1);
    return;
  }
}

/** Head and number of the links, of the same moment. */
function readEnd(em: EntityManager): Promise<{ head: Link | undefined; chained: number }> {
  return em.transactional(async (tx) => ({ head: await readAnchor(tx, 'head'), chained: await countLinks(tx) }), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
}

/** That a link is the next one, and its act is there. */
function requireNext(previous: ChainPlace, link: LinkedAct | LinkAlone): asserts link is LinkedAct {
  const position = previous.position + 1;
  if (link.position > position) fail('missing', position);
  if (link.id === null) fail('missing', position, link.eventId);
  if (link.position < position) fail('extra', link.position, link.id);
}

function checkLink(previous: ChainPlace, act: LinkedAct, authenticator: Authenticator) {
  const position = previous.position + 1;
  if (!isAddressAsSealed(act) || hashOf(previous, act) !== act.hash) fail('changed', position, act.id);
  const verdict = authenticator.check(signedText('link', act), act);
  if (verdict === 'wrong') fail('forged', position, act.id);
  return verdict;
}

function isErased({ address, addressHash }: LinkedAct): boolean {
  return address === null && addressHash !== null;
}

function isAddressAsSealed(act: LinkedAct): boolean {
  const { address, addressSalt, addressHash, mayBeErased } = act;
  if (addressHash === null) return true;
  if (address === null) return mayBeErased && addressSalt === null;
  return addressSalt !== null && sealAddress(address, addressSalt).addressHash === addressHash;
}

/** Undefined for a row that cannot be serialized, which none that was chained is. */
function hashOf(previous: ChainPlace, act: LinkedAct): string | undefined {
  try {
    return hashLink(previous, act);
  } catch {
    return undefined;
  }
}

function requireSigned(name: 'start' | 'head', anchor: Link, authenticator: Authenticator): void {
  if (authenticator.check(signedText(name, anchor), anchor) !== 'right') fail(name, anchor.position);
}

function fail(kind: ChainFaultKind, position: number, eventId: string | null = null): never {
  throw new Faulty({ kind, position, eventId });
}
