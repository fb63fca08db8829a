import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import { createContext } from '../../src/app/context.js';
import { loadConfig } from '../../src/config/config.js';
import { createSealer } from '../../src/crypto/sealer.js';
import { findFreePort } from '../../src/embedded-postgres/free-port.js';
import { migrate } from '../../src/entities/migrate.js';
import { createOrm } from '../../src/entities/orm.js';
import { createLogger } from '../../src/logger.js';
import { loadSigningKeys } from '../../src/oauth/jwt/signing-keys.js';
import { systemActor } from '../../src/services/actor.js';
import type { ClientInput } from '../../src/services/oauth-client/input.js';
import { Browser } from '../../test/support/browser.js';
import { eventually } from '../../test/support/eventually.js';
import { openDatabaseMeter } from '../database-meter.js';
import { type ServerOptions, startServer } from '../server-process.js';
import { type BenchClient, clients, type Side } from './side.js';

export interface PorticoSide extends Side {
  poolSize: number;
  /** The private keys that it signs with. */
  keys: readonly JWK[];
}

const program = fileURLToPath(new URL('../../bin/portico.js', import.meta.url));
const password = 'correct horse battery staple 9';

const grantTypes = {
  authorization_code: 'AUTHORIZATION_CODE',
  refresh_token: 'REFRESH_TOKEN',
  client_credentials: 'CLIENT_CREDENTIALS',
} as const;

/**
 * Starts the built product, `portico web`, with the settings that it has by itself: audit, hashes, throttles, policies and log
 * are on.
 *
 * @param databaseUrl - of an empty database
 * @param people - how many accounts there are to sign in
 */
export async function startPortico(databaseUrl: string, people: number, options: ServerOptions): Promise<PorticoSide> {
  const port = await findFreePort();
  const env = {
    PORT: String(port),
    HOST: 'localhost',
    DATABASE_URL: databaseUrl,
    PORTICO_SECRET_KEYS: 'secret-key-of-the-benchmark-at-least-32-characters',
    OPENEDX_API_BASE_URL: 'http://localhost:9',
    OPENEDX_API_CLIENT_ID: 'none',
    OPENEDX_API_CLIENT_SECRET: 'none',
    OPENEDX_SERVICE_WORKER_CLIENT_ID: 'none',
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: 'none',
    SMTP_URL: 'smtp://localhost:9',
  };
  const { poolSize, keys } = await seed(env, people);
  const server = startServer([program, 'web'], { ...options, env });
  const url = `http://localhost:${port}`;
  await eventually('Portico is ready', () => isReady(url), { deadlineMs: 30_000 });
  const database = await openDatabaseMeter(databaseUrl);
  let signIns = 0;
  return {
    name: 'portico',
    url,
    database,
    poolSize,
    keys,
    async signIn() {
      const browser = new Browser(url);
      await browser.go('/login');
      await browser.submit({ identifier: usernameOf(signIns++ % people), password });
      return browser.cookieHeader();
    },
    processorMs: server.processorMs,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function seed(env: Record<string, string>, people: number): Promise<Pick<PorticoSide, 'poolSize' | 'keys'>> {
  const { config, secrets } = loadConfig(env);
  const orm = createOrm({ url: config.database.url, poolSize: 2 });
  await migrate(orm, config.database.url);
  await orm.close();
  await using context = await createContext({ config, secrets, logger: createLogger('silent') });
  const { accounts, oauthClients, signingKeys } = context.services;
  for (const client of Object.values(clients))
    await oauthClients.ensure(
      { ...toInput(client), clientId: client.client_id, secret: client.client_secret },
      systemActor,
    );
  for (let person = 0; person < people; person++)
    await accounts.create(
      {
        username: usernameOf(person),
        email: `${usernameOf(person)}@example.org`,
        name: 'Alice Liddell',
        password,
        isEmailVerified: true,
        isEdxAccountWanted: false,
      },
      systemActor,
    );
  const keys = await loadSigningKeys(signingKeys, createSealer(secrets.keys, 'signing-key'));
  return { poolSize: config.database.poolSize, keys: keys.map(({ jwk }) => jwk) };
}

function toInput(client: BenchClient): ClientInput {
  return {
    name: client.client_id,
    type: 'CONFIDENTIAL',
    grantTypes: client.grant_types.map((name) => grantTypes[name]),
    redirectUris: client.redirect_uris,
    scopes: client.scope.split(' '),
    skipConsent: true,
    requirePkce: false,
  };
}

const usernameOf = (person: number) => `person-${person}`;

const isReady = (url: string) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
