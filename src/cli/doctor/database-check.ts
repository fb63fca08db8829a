import type { MikroORM } from '@mikro-orm/postgresql';
import { findPendingMigrations } from '../../entities/migrate.js';
import { type Finding, find, Trouble } from './finding.js';

/** Whether the database answers and has the schema of this version. */
export async function checkDatabase(orm: MikroORM): Promise<Finding[]> {
  const answers = await find(
    'database',
    async () => {
      const [row] = await orm.em
        .fork()
        .execute<{ version: string }[]>("select current_setting('server_version') as version");
      return `PostgreSQL ${row?.version}`;
    },
    'Check DATABASE_URL: host, port, name, user and password; and that PostgreSQL runs and lets this machine in.',
  );
  if (answers.status !== 'ok') return [answers];
  const migrated = await find(
    'migrations',
    async () => {
      const pending = await findPendingMigrations(orm);
      if (pending.length > 0) throw new Trouble(`missing: ${pending.join(', ')}`);
      return 'up to date';
    },
    'Run: portico migrate',
  );
  return [answers, migrated];
}
