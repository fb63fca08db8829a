import type { EntityManager } from '@mikro-orm/postgresql';
import { chainLock } from './chain-lock.js';

/** What became of the network addresses of an account. */
export interface ErasedAddresses {
  erased: number;
  /** Of events that were chained before addresses were sealed: erasing them would break the chain. */
  kept: number;
}

// Whom an address is of, as `mayBeErased` has it, in words that indexes serve.
const ofAccount = `(actor_id = ?::uuid or (actor_id is null and subject_id = ?::uuid)) and address is not null`;

/**
 * Erases the network addresses of an account from the audit: those it acted from, and those from which somebody unknown tried
 * to. The chain holds hashes of them, so that it stays as it was. May be repeated.
 *
 * @param em - forked here; the account must be RETIRED already, or verification takes it for tampering
 */
export function eraseAddresses(em: EntityManager, accountId: string): Promise<ErasedAddresses> {
  return em.fork().transactional(async (tx) => {
    // Or an address that is being chained right now would keep its salt.
    await tx.execute('select pg_advisory_xact_lock(?)', [chainLock]);
    await tx.execute(
      `update audit_link set address_salt = null from audit_event
       where id = event_id and address_hash is not null and ${ofAccount}`,
      [accountId, accountId],
    );
    const erased = await tx.execute<unknown[]>(
      `update audit_event set address = null where ${ofAccount}
         and not exists (select 1 from audit_link where event_id = id and address_hash is null) returning 1`,
      [accountId, accountId],
    );
    const [left] = await tx.execute<{ kept: number }[]>(
      `select count(*)::int as kept from audit_event where ${ofAccount}`,
      [accountId, accountId],
    );
    return { erased: erased.length, kept: left?.kept ?? 0 };
  });
}
