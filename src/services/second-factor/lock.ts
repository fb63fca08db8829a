import type { EntityManager } from '@mikro-orm/postgresql';
import { lockUntilCommit } from '../../locks/transaction-lock.js';

/** Changes of one account's second factors wait for each other: which is the first, and which the last, has to be certain. */
export function lockSecondFactors(tx: EntityManager, accountId: string): Promise<void> {
  return lockUntilCommit(tx, `second-factor:${accountId}`);
}
