import type { MikroORM } from '@mikro-orm/postgresql';
import { Registry } from 'prom-client';
import { type AccountServices, createAccountServices } from '../../src/app/account-services.js';
import type { Clock } from '../../src/clock.js';
import type { Config } from '../../src/config/config.js';
import { createOrm } from '../../src/entities/orm.js';
import { createEvents } from '../../src/events.js';
import { createLogger } from '../../src/logger.js';
import type { NewAccount } from '../../src/services/account/creation.js';
import { type AuditService, createAuditService } from '../../src/services/audit/audit.service.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { testPasswordCost, testSettings } from './settings.js';
import { createTestDatabase } from './test-database.js';

/** The account services on a database of their own. */
export interface TestAccountServices extends AccountServices {
  config: Config;
  orm: MikroORM;
  audit: AuditService;
}

export const testPublicUrl = 'http://portico.localhost:8053';

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
  const { config, secrets } = testSettings({
    PORTICO_PUBLIC_URL: testPublicUrl,
    DATABASE_URL: database.url,
    OPENEDX_API_BASE_URL: 'http://lms.localhost:18000',
    ...env,
  });
  const logger = createLogger(config.log.level);
  const orm = stack.adopt(createOrm(config.database), (it) => it.close());
  const audit = createAuditService({ orm, clock, logger });
  const services = stack.use(
    createAccountServices({
      config,
      secrets,
      orm,
      clock,
      logger,
      audit,
      events: createEvents({ logger, registry: new Registry() }),
      edxLinks: createEdxLinkPlanner({ config: config.lms, clock }),
      passwordCost: testPasswordCost,
    }),
  );
  const resources = stack.move();
  return { ...services, config, orm, audit, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** A new account's details; only what matters to the test need be said. */
export function aNewAccount(details: Partial<NewAccount> = {}): NewAccount {
  return { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true, ...details };
}
