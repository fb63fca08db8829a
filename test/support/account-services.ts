import type { MikroORM } from '@mikro-orm/postgresql';
import { Registry } from 'prom-client';
import { type AccountServices, createAccountServices } from '../../src/app/account-services.js';
import type { Clock } from '../../src/clock.js';
import { type Config, loadConfig } from '../../src/config/config.js';
import { createOrm } from '../../src/entities/orm.js';
import { createEvents } from '../../src/events.js';
import { createLogger } from '../../src/logger.js';
import type { NewAccount } from '../../src/services/account/creation.js';
import { createAuditService } from '../../src/services/audit/audit.service.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { createTestDatabase } from './test-database.js';

/** The account services on a database of their own. */
export interface TestAccountServices extends AccountServices {
  config: Config;
  orm: MikroORM;
}

export const testPublicUrl = 'http://portico.localhost:8053';

/** Cheap enough for tests, and not the cost of production, so that hashes made with it count as outdated there. */
const passwordCost = { memoryKib: 64, passes: 1 };

/** @param env - environment variables on top of those of the tests */
export async function startAccountServices({
  clock = () => new Date(),
  env = {},
}: {
  clock?: Clock;
  env?: Record<string, string>;
} = {}): Promise<TestAccountServices> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const { config, secrets } = loadConfig({
    PORTICO_PUBLIC_URL: testPublicUrl,
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '8',
    OPENEDX_API_BASE_URL: 'http://lms.localhost:18000',
    OPENEDX_API_CLIENT_ID: 'portico-api',
    OPENEDX_API_CLIENT_SECRET: 'test-api-client-secret',
    OPENEDX_SERVICE_WORKER_API_TOKEN: 'test-worker-token',
    PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
    SMTP_URL: 'smtp://localhost:9',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...env,
  });
  const logger = createLogger(config.log.level);
  const orm = stack.adopt(createOrm(config.database), (it) => it.close());
  const services = stack.use(
    createAccountServices({
      config,
      secrets,
      orm,
      clock,
      logger,
      audit: createAuditService({ orm, clock, logger }),
      events: createEvents({ logger, registry: new Registry() }),
      edxLinks: createEdxLinkPlanner({ config: config.lms, clock }),
      passwordCost,
    }),
  );
  const resources = stack.move();
  return { ...services, config, orm, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** A new account's details; only what matters to the test need be said. */
export function aNewAccount(details: Partial<NewAccount> = {}): NewAccount {
  return { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true, ...details };
}
