import { randomBytes } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../src/app/context.js';
import type { ChangeFeed } from '../../src/changes/change-feed.js';
import type { Config } from '../../src/config/config.js';
import type { Secrets } from '../../src/config/secrets.js';
import type { Account } from '../../src/entities/account.entity.js';
import type { OAuth } from '../../src/oauth/create-oauth.js';
import type { AccountService } from '../../src/services/account/account.service.js';
import { systemActor } from '../../src/services/actor.js';
import type { AuditService } from '../../src/services/audit/audit.service.js';
import type { ClientInput } from '../../src/services/oauth-client/input.js';
import type { OAuthClientService } from '../../src/services/oauth-client/oauth-client.service.js';
import { aNewAccount } from './account-services.js';
import { Browser } from './browser.js';
import { type Gateway, type GatewayOptions, startGateway } from './start-gateway.js';

/** A gateway, without an LMS unless it is asked for, seen as OAuth provider: its clients, its people, their browsers. */
export interface ProviderSite extends AsyncDisposable {
  url: string;
  gateway: Gateway;
  config: Config;
  secrets: Secrets;
  orm: MikroORM;
  app: FastifyInstance;
  oauth: OAuth;
  changes: ChangeFeed;
  clients: OAuthClientService;
  audit: AuditService;
  accounts: AccountService;
  services: Services;
  newBrowser(): Browser;
  anAccount(details?: { username?: string; email?: string; name?: string }): Promise<Account>;
  aClient(input?: Partial<ClientInput>): Promise<ClientCredentials>;
}

export interface ClientCredentials {
  clientId: string;
  secret: string;
}

export const testPassword = 'correct horse battery staple 9';
/** Where the clients of the tests live; nothing listens there. */
export const callbackUrl = 'http://client.localhost:9000/callback';

/**
 * @param options - `databaseUrl`: the database of another site, which this one then stands beside as a second process would
 */
export async function startProviderSite(
  options: Pick<
    GatewayOptions,
    'sandbox' | 'env' | 'lifetimes' | 'clock' | 'databaseUrl' | 'passwordCost' | 'patience'
  > = {},
): Promise<ProviderSite> {
  const gateway = await startGateway(options);
  const { url } = gateway;
  const { config, secrets, orm, oauth, changes, services } = gateway.context;
  const { accounts, audit, oauthClients: clients } = services;
  const { httpServer: app } = gateway.app;
  if (!app) throw new Error('the web half does not run');
  return {
    url,
    gateway,
    config,
    secrets,
    orm,
    app,
    oauth,
    changes,
    clients,
    audit,
    accounts,
    services,
    newBrowser: () => new Browser(url, `http://localhost:${config.http.port}`),
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
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}
