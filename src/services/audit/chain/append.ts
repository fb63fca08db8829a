import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../../clock.js';
import type { Authenticator } from '../../../crypto/authenticator.js';
import { readAnchor, writeAnchor } from './anchor.js';
import { chainLock } from './chain-lock.js';
import { hasLinks, storeLinks, takePending } from './chain-rows.js';
import { type ChainPlace, emptyChain, linkAct, sealAddress, signedText } from './link.js';

/** What one step came to. */
export interface ChainStep {
  appended: number;
  /** `busy`: another process is at it; `more`: there is more to do than one step does. */
  state: 'done' | 'more' | 'busy';
  head: ChainPlace | undefined;
}

/** Puts stored acts into the chain. */
export interface AuditChain {
  /**
   * One step: a short transaction, under a lock that only steps take. Acts are stored without waiting for it.
   *
   * @throws {@link AuditChainBrokenError} when going on would cover up that somebody changed the chain
   */
  append(): Promise<ChainStep>;
}

/** The head of the chain is not as it was left. `portico verify-audit` tells more. */
export class AuditChainBrokenError extends Error {
  override readonly name = 'AuditChainBrokenError';
}

const defaultBatchSize = 250;

/** @param batchSize - acts of one step: it keeps the transaction short, however much has piled up */
export function createAuditChain({
  orm,
  clock,
  authenticator,
  batchSize = defaultBatchSize,
}: {
  orm: MikroORM;
  clock: Clock;
  authenticator: Authenticator;
  batchSize?: number;
}): AuditChain {
  return {
    append: () =>
      orm.em.fork().transactional(async (tx) => {
        const [lock] = await tx.execute<{ ok: boolean }[]>('select pg_try_advisory_xact_lock(?) as ok', [chainLock]);
        if (!lock?.ok) return { appended: 0, state: 'busy', head: undefined };
        let head = await readTrustedHead(tx, authenticator);
        const { acts, taken } = await takePending(tx, batchSize);
        const state = taken < batchSize ? 'done' : 'more';
        if (acts.length === 0) return { appended: 0, state, head };
        const links = acts.map((act) => {
          const seal = act.address === null ? { addressSalt: null, addressHash: null } : sealAddress(act.address);
          const link = linkAct(head, { ...act, addressHash: seal.addressHash }, authenticator);
          head = link;
          return { eventId: act.id, ...seal, ...link };
        });
        await storeLinks(tx, links);
        await writeAnchor(tx, 'head', head, authenticator, clock());
        return { appended: acts.length, state, head };
      }),
  };
}

/** Where the chain goes on. A head that somebody else wrote is not signed anew, or it would pass for ours from then on. */
async function readTrustedHead(tx: EntityManager, authenticator: Authenticator): Promise<ChainPlace> {
  const head = await readAnchor(tx, 'head');
  if (!head) {
    if (await hasLinks(tx)) throw new AuditChainBrokenError('the head of the audit chain is gone');
    return emptyChain;
  }
  const verdict = authenticator.check(signedText('head', head), head);
  if (verdict === 'unknown-key')
    throw new AuditChainBrokenError(
      'the head of the audit chain is signed with a key that is not in PORTICO_SECRET_KEYS: keep the former key there',
    );
  if (verdict === 'wrong') throw new AuditChainBrokenError('the head of the audit chain was changed');
  return { position: head.position, hash: head.hash };
}
