import { ConfigurationError } from '../config/config.js';
import { openEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.js';
import { migrate } from '../entities/migrate.js';
import { createOrm } from '../entities/orm.js';
import { createLogger } from '../logger.js';
import { homeFolder, readEnvironment } from './environment.js';
import { printAnswer } from './output.js';

/** `portico migrate`: needs the database only, so that it runs before anything else is configured. */
export async function migrateDatabase({ json }: { json: boolean }): Promise<void> {
  const env = readEnvironment();
  await using stack = new AsyncDisposableStack();
  const url =
    env.DATABASE_URL ||
    stack.use(await openEmbeddedPostgres({ home: homeFolder(env), logger: createLogger('warn') })).url;
  if (!/^postgres(ql)?:\/\//.test(url)) throw new ConfigurationError(['DATABASE_URL is not a postgres:// URL']);
  const orm = stack.adopt(createOrm({ url, poolSize: 2 }), (it) => it.close());
  const applied = await migrate(orm, url);
  printAnswer(json, { applied }, applied.length > 0 ? applied.map((name) => `applied ${name}`) : ['nothing to do']);
}
