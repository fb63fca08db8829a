import { type App, createApp } from '../../src/app.js';
import type { Clock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/config.js';
import type { AppContext, ContextOverrides } from '../../src/context.js';
import { findFreePort } from '../../src/free-port.js';
import { createLogger } from '../../src/logger.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface GatewayOptions {
  /** Environment variables on top of those of the test. */
  env?: Record<string, string>;
  /** Whether jobs run. Default: no. */
  worker?: boolean;
  clock?: Clock;
  /** Replaces parts of the context. */
  overrides?: ContextOverrides;
}

/** A running Portico with a database of its own; disposing it ends both. */
export interface Gateway extends AsyncDisposable {
  url: string;
  app: App;
  context: AppContext;
  database: TestDatabase;
}

/** Starts Portico in this process, on a free port, with an empty database. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const port = await findFreePort();
  const { config, secrets } = loadConfig({
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '6',
    OPENEDX_API_BASE_URL: 'http://localhost:9',
    OPENEDX_API_CLIENT_ID: 'portico-api',
    OPENEDX_API_CLIENT_SECRET: 'test-api-client-secret',
    OPENEDX_SERVICE_WORKER_CLIENT_ID: 'portico-worker',
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: 'test-worker-client-secret',
    PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
    SMTP_URL: 'smtp://localhost:9',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...options.env,
  });
  const app = stack.use(
    await createApp(
      {
        config,
        secrets,
        logger: createLogger(config.log.level),
        parts: { web: true, worker: options.worker ?? false },
        ...(options.clock && { clock: options.clock }),
      },
      options.overrides,
    ),
  );
  const resources = stack.move();
  return {
    url: app.url,
    app,
    context: app.context,
    database,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
