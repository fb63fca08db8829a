import type { EntityManager } from '@mikro-orm/postgresql';

/**
 * Makes transactions that name the same thing wait for each other, for what has no row yet that could be locked. Held until
 * the transaction ends.
 *
 * @param tx - inside a transaction
 * @param name - unique among all uses, e.g. `username:alice`
 */
export async function lockUntilCommit(tx: EntityManager, name: string): Promise<void> {
  await tx.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
}
