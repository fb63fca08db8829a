import type { EntityManager } from '@mikro-orm/postgresql';
import { type Change, changeChannel } from './change.js';

/**
 * Announces a change. Inside a transaction the announcement leaves with the commit, or not at all; that is why it takes the
 * entity manager of the change itself.
 */
export async function publishChange(em: EntityManager, change: Change): Promise<void> {
  await em.execute('select pg_notify(?, ?)', [changeChannel, JSON.stringify(change)]);
}
