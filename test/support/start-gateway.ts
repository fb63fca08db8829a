import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { type App, createApp } from '../../src/app/app.js';
import type { AppContext } from '../../src/app/context.js';
import type { Clock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/config.js';
import { findFreePort } from '../../src/embedded-postgres/free-port.js';
import { createLogger } from '../../src/logger.js';
import { systemActor } from '../../src/services/actor.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface GatewayOptions {
  /** `demo`: with the demo's people and courses; `empty`: without. Left out, there is no LMS, and calls of it fail. */
  sandbox?: 'demo' | 'empty';
  /** Whether jobs run. Default: no. */
  worker?: boolean;
  /** Environment variables on top of those of the test. */
  env?: Record<string, string>;
  clock?: Clock;
}

/** A running Portico with a database of its own; disposing it ends everything. */
export interface Gateway extends AsyncDisposable {
  url: string;
  app: App;
  context: AppContext;
  database: TestDatabase;
  /** @throws when the gateway was started without one */
  readonly sandbox: RunningSandbox;
}

/** What Portico and the sandbox know of each other. */
export const testClients = {
  sso: { clientId: 'lms', clientSecret: 'test-lms-client-secret-0123456789' },
  apiClient: { clientId: 'portico-api', clientSecret: 'test-api-client-secret' },
  worker: { clientId: 'portico-worker', clientSecret: 'test-worker-client-secret' },
};
/** Nothing listens there. */
const noPort = 9;

/** Starts Portico in this process, on a free port, with an empty database; the sandbox is its LMS, and a client of it. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const port = await findFreePort();
  const sandbox = options.sandbox && stack.use(await startTestSandbox(options.sandbox, port));
  const { config, secrets } = loadConfig({
    PORT: String(port),
    HOST: 'localhost',
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '6',
    OPENEDX_API_BASE_URL: sandbox?.lmsUrl ?? `http://localhost:${noPort}`,
    OPENEDX_API_CLIENT_ID: testClients.apiClient.clientId,
    OPENEDX_API_CLIENT_SECRET: testClients.apiClient.clientSecret,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: testClients.worker.clientId,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: testClients.worker.clientSecret,
    PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
    SMTP_URL: sandbox?.smtpUrl ?? `smtp://localhost:${noPort}`,
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
        prepare: (context) => (sandbox ? ensureLmsClient(context) : Promise.resolve()),
        ...(options.clock && { clock: options.clock }),
      },
      { passwordCost: { memoryKib: 64, passes: 1 } },
    ),
  );
  const resources = stack.move();
  return {
    url: app.url,
    app,
    context: app.context,
    database,
    get sandbox() {
      if (!sandbox) throw new Error('this gateway was started without a sandbox');
      return sandbox;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function startTestSandbox(content: 'demo' | 'empty', porticoPort: number): Promise<RunningSandbox> {
  return startSandbox({
    ...testClients,
    worker: { ...testClients.worker, username: 'portico_worker' },
    lmsPort: 0,
    smtpPort: 0,
    porticoUrl: `http://localhost:${porticoPort}`,
    demo: content === 'demo',
  });
}

async function ensureLmsClient({ config, services }: AppContext): Promise<void> {
  await services.oauthClients.ensure(
    {
      clientId: testClients.sso.clientId,
      secret: testClients.sso.clientSecret,
      name: config.lms.clientName,
      type: 'CONFIDENTIAL',
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: [`${config.lms.baseUrl}/auth/complete/${config.lms.backend}/`],
      scopes: ['user:read'],
      skipConsent: true,
      requirePkce: false,
      allowRedirectState: true,
    },
    systemActor,
  );
}
