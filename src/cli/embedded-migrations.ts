import type { Config } from '../config/config.js';
import { findPendingMigrations, migrate } from '../entities/migrate.js';
import { createOrm } from '../entities/orm.js';

/**
 * Brings the embedded database to the schema of this version: it has no operator who would.
 *
 * @param options.onlyWhenPending - a command saves the time when there is nothing to do; a start also updates the job queue
 */
export async function migrateEmbedded(
  { database }: Config,
  { onlyWhenPending = false }: { onlyWhenPending?: boolean } = {},
): Promise<void> {
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    if (onlyWhenPending && (await findPendingMigrations(orm)).length === 0) return;
    await migrate(orm, database.url);
  } finally {
    await orm.close();
  }
}
