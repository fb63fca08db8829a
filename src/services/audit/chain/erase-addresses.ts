import type { EntityManager } from '@mikro-orm/postgresql';
import { chainLock } from './chain-lock.js';

/** What became of the network addresses of an account. */
export interface ErasedAddresses {
  erased: number;
  /** Of events that were chained before addresses were sealed: erasing them would break the chain. */
  kept: number;
}

const ofAccount = `coalesce(actor_id, subject_id) = ?::uuid and address is not null`;

/**
 * Erases the network addresses of an account from the audit: those it acted from, and those from which somebody unknown tried
 * to. The chain holds hashes of them, so that it stays as it was. May be repeated.
 *
 * @param em - forked here; the account must be RETIRED already, or verification takes it for tampering
 */
export function eraseAddresses(em: EntityManager, accountId: string): Promise<ErasedAddresses> {
  return em.fork().transactional(async (tx) => {
    // Or an address that is being chained right now would get its salt back.
    await tx.execute('select pg_advisory_xact_lock(?)', [chainLock]);
    const erased = await tx.execute<unknown[]>(
      `update audit_event set address = null, address_salt = null
       where ${ofAccount} and (position is null or address_hash is not null) returning 1`,
      [accountId],
    );
    const [left] = await tx.execute<{ kept: number }[]>(
      `select count(*)::int as kept from audit_event where ${ofAccount}`,
      [accountId],
    );
    return { erased: erased.length, kept: left?.kept ?? 0 };
  });
}
