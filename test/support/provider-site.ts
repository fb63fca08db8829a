import { randomBytes } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { createAccountServices } from '../../src/app/account-services.js';
import { type ChangeFeed, createChangeFeed } from '../../src/changes/change-feed.js';
import type { Clock } from '../../src/clock.js';
import { type Config, loadConfig } from '../../src/config/config.js';
import type { Secrets } from '../../src/config/secrets.js';
import { findFreePort } from '../../src/embedded-postgres/free-port.js';
import type { Account } from '../../src/entities/account.entity.js';
import type { EdxLink } from '../../src/entities/edx-link.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { createEvents } from '../../src/events.js';
import { createAuthenticate } from '../../src/http/authenticate.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLogger } from '../../src/logger.js';
import { createOAuth, type OAuth } from '../../src/oauth/create-oauth.js';
import type { Lifetimes } from '../../src/oauth/lifetimes.js';
import { createErrorRenderer } from '../../src/pages/error-renderer.js';
import { pageRoutes } from '../../src/pages/page-routes.js';
import { registerUsersMe } from '../../src/rest/users-me.js';
import type { AccountService } from '../../src/services/account/account.service.js';
import { systemActor } from '../../src/services/actor.js';
import { type AuditService, createAuditService } from '../../src/services/audit/audit.service.js';
import { createFindLmsUserId } from '../../src/services/edx-link/find-lms-user-id.js';
import { enqueueCreation } from '../../src/services/edx-link/plan.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import type { ClientInput } from '../../src/services/oauth-client/input.js';
import {
  createOAuthClientService,
  type OAuthClientService,
} from '../../src/services/oauth-client/oauth-client.service.js';
import { aNewAccount } from './account-services.js';
import { Browser } from './browser.js';
import { createTestDatabase } from './test-database.js';

/** The OAuth provider with the real pages in front of it, on a port and a database of their own. */
export interface ProviderSite extends AsyncDisposable {
  url: string;
  /** Where it listens, when `url` is only its public name. */
  localUrl: string;
  config: Config;
  secrets: Secrets;
  orm: MikroORM;
  changes: ChangeFeed;
  app: FastifyInstance;
  oauth: OAuth;
  clients: OAuthClientService;
  audit: AuditService;
  accounts: AccountService;
  newBrowser(): Browser;
  anAccount(details?: { username?: string; email?: string; name?: string }): Promise<Account>;
  aClient(input?: Partial<ClientInput>): Promise<ClientCredentials>;
}

export interface ClientCredentials {
  clientId: string;
  secret: string;
}

/** Cheap enough for tests. */
const passwordCost = { memoryKib: 64, passes: 1 };
export const testPassword = 'correct horse battery staple 9';
/** Where the clients of the tests live; nothing listens there. */
export const callbackUrl = 'http://client.localhost:9000/callback';

/**
 * @param databaseUrl - the database of another site, which this one then stands beside as a second process would
 */
export async function startProviderSite({
  env = {},
  lifetimes = {},
  clock = () => new Date(),
  databaseUrl,
}: {
  env?: Record<string, string>;
  lifetimes?: Partial<Lifetimes>;
  clock?: Clock;
  databaseUrl?: string;
} = {}): Promise<ProviderSite> {
  await using stack = new AsyncDisposableStack();
  const port = await findFreePort();
  const { config, secrets } = loadConfig({
    PORT: String(port),
    DATABASE_URL: databaseUrl ?? stack.use(await createTestDatabase()).url,
    DATABASE_POOL_SIZE: '8',
    OPENEDX_API_BASE_URL: 'http://lms.localhost:18000',
    OPENEDX_API_CLIENT_ID: 'portico-api',
    OPENEDX_API_CLIENT_SECRET: 'test-api-client-secret',
    OPENEDX_SERVICE_WORKER_API_TOKEN: 'test-worker-token',
    PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
    SMTP_URL: 'smtp://localhost:9',
    ...env,
  });
  const logger = createLogger(process.env.TEST_LOG_LEVEL ?? 'silent');
  const orm = stack.adopt(createOrm(config.database), (it) => it.close());
  const changes = stack.use(await createChangeFeed({ databaseUrl: config.database.url, logger }));
  const audit = createAuditService({ orm, clock, logger });
  const events = createEvents({ logger, registry: new Registry() });
  const edxLinkPlanner = createEdxLinkPlanner({ config: config.lms, clock });
  const { accounts, registrations, passwordResets, emailChanges, throttles } = stack.use(
    createAccountServices({
      config,
      secrets,
      orm,
      clock,
      logger,
      audit,
      events,
      edxLinks: edxLinkPlanner,
      passwordCost,
    }),
  );
  const oauth = stack.use(
    await createOAuth({
      config,
      secrets,
      orm,
      clock,
      changes,
      logger,
      accounts,
      findLmsUserId: createFindLmsUserId(orm),
      throttles,
      audit,
      events,
      lifetimes,
    }),
  );
  const { checkClient } = oauth;
  const clients = createOAuthClientService({ orm, clock, secretKeys: secrets.keys, audit, checkClient });
  const { app } = await createHttpServer({
    config: config.http,
    logger,
    renderError: createErrorRenderer({ site: config.site }),
  });
  stack.defer(() => app.close());
  const { signIn, clientGrants, authenticateToken } = oauth;
  await app.register(oauth.routes);
  await app.register(pageRoutes, {
    config,
    signIn,
    clientGrants,
    accounts,
    registrations,
    passwordResets,
    emailChanges,
    edxLinks: {
      find: async (accountId) => (await orm.em.fork().findOne(EdxLinkEntity, { accountId })) ?? undefined,
      ensure: (accountId) => enqueueCreation(orm.em.fork(), accountId),
    },
  });
  const edxLinks = {
    findByAccountIds: (ids: readonly string[]): Promise<EdxLink[]> =>
      orm.em.fork().find(EdxLinkEntity, { accountId: { $in: [...ids] } }),
  };
  registerUsersMe(app, {
    authenticate: createAuthenticate({ signIn, authenticateToken, accounts }),
    accounts,
    edxLinks,
  });
  await app.listen({ port, host: '127.0.0.1' });
  const resources = stack.move();
  const url = config.http.publicUrl;
  return {
    url,
    localUrl: `http://localhost:${port}`,
    config,
    secrets,
    orm,
    changes,
    app,
    oauth,
    clients,
    audit,
    accounts,
    newBrowser: () => new Browser(url),
    anAccount: async (details = {}) => {
      const username = details.username ?? `learner-${randomBytes(4).toString('hex')}`;
      const email = `${username}@example.org`;
      return accounts.create(aNewAccount({ password: testPassword, username, email, ...details }), systemActor);
    },
    async aClient(input = {}) {
      const grantTypes = input.grantTypes ?? (['AUTHORIZATION_CODE', 'REFRESH_TOKEN'] as const);
      const usesCode = grantTypes.includes('AUTHORIZATION_CODE');
      const { client, secret = '' } = await clients.create(
        {
          name: 'Test client',
          type: 'CONFIDENTIAL',
          grantTypes,
          scopes: ['openid', 'profile', 'email', 'user:read'],
          ...(usesCode && { redirectUris: [callbackUrl] }),
          ...input,
        },
        systemActor,
      );
      return { clientId: client.clientId, secret };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
