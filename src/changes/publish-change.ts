import type { EntityManager } from '@mikro-orm/postgresql';
import { runPrepared } from '../entities/prepared-statement.js';
import { type Change, changeChannel } from './change.js';

/**
 * Announces a change. Inside a transaction the announcement leaves with the commit, or not at all; that is why it takes the
 * entity manager of the change itself.
 */
export async function publishChange(em: EntityManager, change: Change): Promise<void> {
  await em.execute('select pg_notify(?, ?)', [changeChannel, JSON.stringify(change)]);
}

/** The same for many changes at once. */
export async function publishChanges(em: EntityManager, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  await em.execute(`select pg_notify(?, change::text) from jsonb_array_elements(?::jsonb) as change`, [
    changeChannel,
    JSON.stringify(changes),
  ]);
}

/** Announces what belongs to no change of the database. */
export async function announce(em: EntityManager, change: Change): Promise<void> {
  await runPrepared(em, { name: 'change_announce', text: 'select pg_notify($1, $2)' }, [
    changeChannel,
    JSON.stringify(change),
  ]);
}

/**
 * Announces in the statement that makes the change.
 *
 * @param change - SQL of a {@link Change} as `jsonb`, of the row at hand
 * @returns an expression that announces when a row is computed, and is true
 */
export function announcing(change: string): string {
  return `pg_notify('${changeChannel}', (${change})::text)::text = ''`;
}
