import type { MikroORM } from '@mikro-orm/postgresql';
import { Registry } from 'prom-client';
import { type ChangeFeed, createChangeFeed } from './changes/change-feed.js';
import type { Clock } from './clock.js';
import type { Config } from './config/config.js';
import type { Secrets } from './config/secrets.js';
import { createOrm } from './entities/orm.js';
import { createLogger, type Logger } from './logger.js';

/** What lives as long as the process. Built in one place, handed on as arguments. */
export interface AppContext extends AsyncDisposable {
  config: Config;
  secrets: Secrets;
  clock: Clock;
  logger: Logger;
  orm: MikroORM;
  changes: ChangeFeed;
  metrics: Registry;
}

export interface ContextOptions {
  config: Config;
  secrets: Secrets;
  clock?: Clock;
  logger?: Logger;
}

/** Replaces parts of the context; for tests. The owner of a replaced part disposes it. */
export type ContextOverrides = Partial<Omit<AppContext, keyof ContextOptions | typeof Symbol.asyncDispose>>;

/**
 * Builds everything that web and worker share. The database must be migrated.
 *
 * @throws when the database does not answer
 */
export async function createContext(options: ContextOptions, overrides: ContextOverrides = {}): Promise<AppContext> {
  const { config, secrets, clock = () => new Date() } = options;
  const logger = options.logger ?? createLogger(config.log.level);
  await using stack = new AsyncDisposableStack();
  const orm = overrides.orm ?? stack.adopt(createOrm(config.database), (it) => it.close());
  const changes = overrides.changes ?? stack.use(await createChangeFeed({ databaseUrl: config.database.url, logger }));
  const metrics = overrides.metrics ?? new Registry();
  const resources = stack.move();
  return {
    config,
    secrets,
    clock,
    logger,
    orm,
    changes,
    metrics,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
