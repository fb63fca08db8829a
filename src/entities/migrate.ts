import type { MikroORM } from '@mikro-orm/postgresql';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { migrations } from './migrations.js';

/** Any constant will do; it names the lock among all advisory locks of the database. */
const migrationLock = 8_053_000_001;

/**
 * Brings the database to the newest schema, the job queue's included. Safe to call from several processes at once: one
 * migrates, the others wait and find nothing to do.
 *
 * @param databaseUrl - `postgres://…` of the same database as `orm`
 * @returns names of the migrations that were applied now
 */
export async function migrate(orm: MikroORM, databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl, application_name: 'portico-migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock]);
    const applied = await orm.migrator.up();
    await runMigrations({ connectionString: databaseUrl });
    return applied.map((migration) => migration.name);
  } finally {
    await lock.end();
  }
}

/** Names of the migrations that this database still lacks. Changes nothing. */
export async function findPendingMigrations(orm: MikroORM): Promise<string[]> {
  const em = orm.em.fork();
  const [table] = await em.execute<{ found: string | null }[]>("select to_regclass('migration') as found");
  const rows = table?.found ? await em.execute<{ name: string }[]>('select name from migration') : [];
  const applied = new Set(rows.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}
