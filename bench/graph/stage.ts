import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { type AppContext, createContext } from '../../src/app/context.js';
import { loadConfig } from '../../src/config/config.js';
import { findFreePort } from '../../src/embedded-postgres/free-port.js';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { migrate } from '../../src/entities/migrate.js';
import { createOrm } from '../../src/entities/orm.js';
import { createLogger } from '../../src/logger.js';
import { makeAccessToken } from '../../src/oauth/direct/person-tokens.js';
import { createArtifactStore } from '../../src/oauth/storage/artifact-store.js';
import { createStatementRunner } from '../../src/oauth/storage/statements.js';
import { systemActor } from '../../src/services/actor.js';
import { eventually } from '../../test/support/eventually.js';
import { type ServerOptions, type ServerProcess, startServer } from '../server-process.js';

/** The built product, `portico web`, in a process of its own, in front of a sandbox LMS in this one. */
export interface Stage extends AsyncDisposable {
  /** Without trailing slash. */
  url: string;
  /** An access token of an administrator, for all scopes of the graph. */
  staffToken: string;
  /**
   * An access token that one of the people, by username, has given the one client that all of them use.
   *
   * @param scopes - those that learners use, when left out
   */
  tokenOf(username: string, scopes?: readonly string[]): Promise<string>;
  sandbox: RunningSandbox;
  /** The services of the gateway's database, in this process; they run no jobs. */
  context: AppContext;
  /** Processor time of the gateway so far, in ms. */
  processorMs(): number | undefined;
  /** Memory that the gateway holds, in bytes. */
  residentBytes(): number | undefined;
  /** Starts a further gateway on the same database, with settings on top of those of the first; both end together. */
  startBeside(env: Record<string, string>): Promise<Pick<Stage, 'url' | 'processorMs'>>;
  /** Asks the graph. @throws when the answer has errors */
  ask<T>(query: string, variables?: Record<string, unknown>, token?: string): Promise<T>;
}

export interface StageOptions {
  databaseUrl: string;
  server: ServerOptions;
  /** LMS users that have an account each, linked. */
  people: readonly string[];
  /** Settings on top of the product's own. */
  env?: Record<string, string>;
}

const program = fileURLToPath(new URL('../../bin/portico.js', import.meta.url));
const clients = {
  sso: { clientId: 'lms', clientSecret: 'bench-lms-client-secret-0123456789' },
  apiClient: { clientId: 'portico-api', clientSecret: 'bench-api-client-secret' },
  worker: { clientId: 'portico-worker', clientSecret: 'bench-worker-client-secret', username: 'portico_worker' },
};
/** The service worker in the LMS. */
export const benchWorker = clients.worker;
const staffScopes = 'accounts:read accounts:write learning:read learning:write operations:admin programs:read'.split(
  ' ',
);
const peoplesScopes = ['user:read', 'learning:read'];

/** Starts both with a database that is new, and people in it. */
export async function startStage({ databaseUrl, server, people, env: more }: StageOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const place = await findPlace();
  const { url } = place;
  const sandbox = stack.use(await startSandbox({ ...clients, lmsPort: 0, smtpPort: 0, porticoUrl: url, demo: false }));
  const env = {
    ...place.env,
    DATABASE_URL: databaseUrl,
    PORTICO_SECRET_KEYS: 'secret-key-of-the-benchmark-at-least-32-characters',
    OPENEDX_API_BASE_URL: sandbox.lmsUrl,
    DISCOVERY_API_BASE_URL: sandbox.discoveryUrl,
    OPENEDX_API_CLIENT_ID: clients.apiClient.clientId,
    OPENEDX_API_CLIENT_SECRET: clients.apiClient.clientSecret,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: clients.worker.clientId,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: clients.worker.clientSecret,
    SMTP_URL: sandbox.smtpUrl,
    ...more,
  };
  const { config, secrets } = loadConfig(env);
  const orm = createOrm({ url: databaseUrl, poolSize: 2 });
  await migrate(orm, databaseUrl);
  await orm.close();
  const context = stack.use(await createContext({ config, secrets, logger: createLogger('silent') }));
  const staff = await seedPeople(context, people);
  const gateway = await startGateway(stack, url, { ...server, env });

  const tokenFor = async (ownerId: string, scopes: readonly string[]) => {
    const { client, secret = '' } = await context.services.oauthClients.create(
      { name: 'Benchmark', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'], scopes: [...scopes], ownerId },
      systemActor,
    );
    const answer = await fetch(`${url}/oauth2/token/`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes.join(' ') }),
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (!token) throw new Error(`no token: ${answer.status}`);
    return token;
  };
  const staffToken = await tokenFor(staff, staffScopes);
  const giveToken = await openFrontend(context);
  const resources = stack.move();
  return {
    url,
    staffToken,
    sandbox,
    context,
    processorMs: gateway.processorMs,
    residentBytes: gateway.residentBytes,
    async tokenOf(username, scopes = peoplesScopes) {
      const { id } = await context.orm.em.fork().findOneOrFail(AccountEntity, { username });
      return giveToken(id, scopes);
    },
    async startBeside(more) {
      const { url, env: own } = await findPlace();
      const { processorMs } = await startGateway(resources, url, { ...server, env: { ...env, ...own, ...more } });
      return { url, processorMs };
    },
    async ask<T>(query: string, variables: Record<string, unknown> = {}, token = staffToken) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await answer.json()) as { data?: T; errors?: unknown };
      if (errors !== undefined || data === undefined) throw new Error(`the graph answered ${JSON.stringify(errors)}`);
      return data;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Where a gateway may listen, and the settings that say so. */
async function findPlace(): Promise<{ url: string; env: { PORT: string; HOST: string } }> {
  const port = await findFreePort();
  return { url: `http://localhost:${port}`, env: { PORT: String(port), HOST: 'localhost' } };
}

async function startGateway(
  stack: AsyncDisposableStack,
  url: string,
  options: ServerOptions & { env: Record<string, string> },
): Promise<ServerProcess> {
  const gateway = stack.use(startServer([program, 'web'], options));
  await eventually('the gateway is ready', () => isReady(url), { deadlineMs: 30_000 });
  return gateway;
}

const lifeSeconds = 3600;

/**
 * A client that people give access to themselves, as to a frontend.
 *
 * @returns what stores a grant and a token under it, as if somebody had just signed in there
 */
async function openFrontend({ orm, clock, services: { oauthClients } }: AppContext) {
  const { client } = await oauthClients.create(
    {
      name: 'Frontend',
      type: 'CONFIDENTIAL',
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: ['http://localhost/callback'],
      scopes: [...peoplesScopes, ...staffScopes],
    },
    systemActor,
  );
  const { clientId } = client;
  const artifacts = createArtifactStore({ run: createStatementRunner(orm), clock });
  return async (accountId: string, scopes: readonly string[]): Promise<string> => {
    const [grantId, scope] = [randomUUID(), scopes.join(' ')];
    const now = Math.floor(clock().getTime() / 1000);
    const grant = {
      kind: 'Grant',
      jti: grantId,
      iat: now,
      exp: now + lifeSeconds,
      accountId,
      clientId,
      openid: { scope },
    };
    await artifacts.upsert('Grant', grantId, grant, lifeSeconds);
    const granted = { payload: {}, grantId, account: { id: accountId } };
    const token = makeAccessToken(granted, { clientId, gty: 'authorization_code', scope, lifeSeconds });
    await artifacts.issue([token.artifact], []);
    return token.value;
  };
}

/** @returns the id of the member of staff */
async function seedPeople({ orm, services }: AppContext, people: readonly string[]): Promise<string> {
  const staff = await services.accounts.create(
    {
      username: 'bench-staff',
      email: 'bench-staff@example.org',
      name: 'Bench Staff',
      isEmailVerified: true,
      password: 'correct horse battery staple 9',
      isEdxAccountWanted: false,
    },
    systemActor,
  );
  const em = orm.em.fork();
  await em.nativeUpdate(AccountEntity, { id: staff.id }, { roles: ['ADMIN'] });
  await em.transactional(async (tx) => {
    const accounts = people.map((username) =>
      tx.create(AccountEntity, { username, email: `${username}@example.org`, name: username }),
    );
    await tx.flush();
    for (const account of accounts)
      tx.create(EdxLinkEntity, {
        accountId: account.id,
        state: 'LINKED',
        providerId: 'oa2-ol-oauth2',
        edxUsername: account.username,
        remoteId: account.username,
      });
  });
  return staff.id;
}

const isReady = (url: string) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
