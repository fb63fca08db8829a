import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { type App, createApp } from '../../src/app/app.js';
import type { AppContext } from '../../src/app/context.js';
import type { EventPatience } from '../../src/app/event-services.js';
import type { Clock } from '../../src/clock.js';
import { type DatabasePatience, databasePatience } from '../../src/entities/database-outage.js';
import { createLogger } from '../../src/logger.js';
import type { Lifetimes } from '../../src/oauth/lifetimes.js';
import { systemActor } from '../../src/services/actor.js';
import { lmsSigningKeys } from '../sandbox/credentials.js';
import { testClients, testPasswordCost, testSettings } from './settings.js';
import { createTestDatabase } from './test-database.js';
import { findTestPort } from './test-port.js';

export interface GatewayOptions {
  /** `demo`: with the demo's people and courses; `empty`: without. Left out, there is no LMS, and calls of it fail. */
  sandbox?: 'demo' | 'empty';
  /** Whether jobs run. Default: no. */
  worker?: boolean;
  /** Environment variables on top of those of the test. */
  env?: Record<string, string>;
  clock?: Clock;
  lifetimes?: Partial<Lifetimes>;
  /** Of hashing a password. Default: next to none. */
  passwordCost?: { memoryKib: number; passes: number };
  /** With the database. Default: more than in production, for a machine that does much else beside a test. */
  patience?: DatabasePatience;
  busPatience?: EventPatience;
  /** Where the LMS of the sandbox tells what happens: a Redis, or `loopback`. Left out, nowhere. */
  eventBus?: 'loopback' | { url: string; topic?: string };
  /** A migrated database that is there already: of another gateway, beside which this one stands as a second process would. */
  databaseUrl?: string;
}

/** A running Portico with a database of its own; disposing it ends everything. */
export interface Gateway extends AsyncDisposable {
  url: string;
  app: App;
  context: AppContext;
  /** @throws when the gateway was started without one */
  readonly sandbox: RunningSandbox;
}

/** Starts Portico in this process, on a free port, with an empty database; the sandbox is its LMS, and a client of it. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  await using stack = new AsyncDisposableStack();
  const databaseUrl = options.databaseUrl ?? stack.use(await createTestDatabase()).url;
  const port = await findTestPort();
  const sandbox = options.sandbox && stack.use(await startTestSandbox(options.sandbox, port, options.eventBus));
  const { config, secrets } = testSettings({
    PORT: String(port),
    HOST: 'localhost',
    DATABASE_URL: databaseUrl,
    ...(sandbox && {
      OPENEDX_API_BASE_URL: sandbox.lmsUrl,
      DISCOVERY_API_BASE_URL: sandbox.discoveryUrl,
      SMTP_URL: sandbox.smtpUrl,
    }),
    ...(sandbox?.busUrl !== undefined && { OPENEDX_EVENT_BUS_REDIS_URL: sandbox.busUrl }),
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
      {
        passwordCost: options.passwordCost ?? testPasswordCost,
        ...(options.lifetimes && { lifetimes: options.lifetimes }),
        patience: options.patience ?? { ...databasePatience, connectMs: 20_000 },
        ...(options.busPatience && { busPatience: options.busPatience }),
      },
    ),
  );
  const resources = stack.move();
  return {
    url: app.url,
    app,
    context: app.context,
    get sandbox() {
      if (!sandbox) throw new Error('this gateway was started without a sandbox');
      return sandbox;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function startTestSandbox(
  content: 'demo' | 'empty',
  porticoPort: number,
  eventBus: GatewayOptions['eventBus'],
): Promise<RunningSandbox> {
  return startSandbox({
    ...testClients,
    identityClient: testClients.identity,
    worker: { ...testClients.worker, username: 'portico_worker' },
    lmsPort: 0,
    smtpPort: 0,
    porticoUrl: `http://localhost:${porticoPort}`,
    demo: content === 'demo',
    signingKeys: lmsSigningKeys,
    ...(eventBus && { eventBus: { topic: 'learning', ...(eventBus !== 'loopback' && eventBus) } }),
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
    { keepsRedirectUris: true },
  );
}
