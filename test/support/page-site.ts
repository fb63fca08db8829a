import { loadConfig } from '../../src/config/config.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLogger } from '../../src/logger.js';
import { createErrorRenderer } from '../../src/pages/error-renderer.js';
import { pageRoutes } from '../../src/pages/page-routes.js';
import { type AccountServices, startAccountServices } from './account-services.js';
import { createInMemorySignIn, type InMemorySignIn } from './in-memory-sign-in.js';
import { PageVisitor } from './page-visitor.js';

/** The pages on a database of their own, without the OAuth provider. */
export interface PageSite extends AsyncDisposable {
  services: AccountServices;
  signIn: InMemorySignIn;
  /** A browser that has not been here before. */
  newVisitor(origin?: string): PageVisitor;
}

const publicUrl = 'http://portico.localhost:8053';

export async function startPageSite(env: Record<string, string> = {}): Promise<PageSite> {
  await using stack = new AsyncDisposableStack();
  const services = stack.use(await startAccountServices());
  const { config } = loadConfig({
    PORTICO_PUBLIC_URL: publicUrl,
    DATABASE_URL: services.databaseUrl,
    OPENEDX_API_BASE_URL: 'http://lms.localhost:18000',
    OPENEDX_API_CLIENT_ID: 'portico-api',
    OPENEDX_API_CLIENT_SECRET: 'test-api-client-secret',
    OPENEDX_SERVICE_WORKER_API_TOKEN: 'test-worker-token',
    PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
    SMTP_URL: 'smtp://localhost:9',
    ...env,
  });
  const signIn = createInMemorySignIn();
  const { app } = await createHttpServer({
    config: config.http,
    logger: createLogger(process.env.TEST_LOG_LEVEL ?? 'silent'),
    renderError: createErrorRenderer({ site: config.site }),
  });
  stack.defer(() => app.close());
  await app.register(pageRoutes, {
    config,
    clock: () => new Date(),
    signIn,
    accounts: services.accounts,
    clientGrants: { list: async () => [], revoke: async () => false },
  });
  await app.ready();
  const resources = stack.move();
  return {
    services,
    signIn,
    newVisitor: (origin = publicUrl) => new PageVisitor(app, origin),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
