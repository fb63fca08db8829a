import { randomUUID } from 'node:crypto';
import type { DestinationStream } from 'pino';
import { Registry } from 'prom-client';
import { type RunningSandbox, startSandbox } from '../../../sandbox/start.js';
import { createLinkageServices, type LinkageServices } from '../../../src/app/linkage-services.js';
import type { Clock } from '../../../src/clock.js';
import type { Config } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/config.js';
import type { Secrets } from '../../../src/config/secrets.js';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import { createLmsApi, type LmsApi } from '../../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../../src/datasources/lms/lms-client.js';
import { type Account, AccountEntity } from '../../../src/entities/account.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { createEvents, type Events } from '../../../src/events.js';
import { createJobs, type JobServices } from '../../../src/jobs/jobs.js';
import { createWorker } from '../../../src/jobs/worker.js';
import { createAdvisoryLocks } from '../../../src/locks/advisory-locks.js';
import { createLogger } from '../../../src/logger.js';
import { systemActor } from '../../../src/services/actor.js';
import { createAuditChain } from '../../../src/services/audit/chain/append.js';
import { createEdxLinkPlanner } from '../../../src/services/edx-link/planner.js';
import { createLearningHints } from '../../../src/services/learning-hint/follow-hints.js';
import { createLmsUserIds } from '../../../src/services/lms-event/learn-user-ids.js';
import type { HeadlessSessions, RegistrationTokens } from '../../../src/services/ports.js';
import { createPruneService } from '../../../src/services/prune.service.js';
import { TEST_SANDBOX } from '../../sandbox/credentials.js';
import { type FakePortico, startFakePortico } from '../../sandbox/fake-portico.js';
import { createTestDatabase } from '../../support/test-database.js';

const keys = ['test-secret-key-of-at-least-32-characters'];

/** The services of one process, on a database and a sandbox that others may share. */
export interface Node extends JobServices, Omit<LinkageServices, keyof AsyncDisposable>, AsyncDisposable {
  api: LmsApi;
  /** Runs jobs until disposed. */
  work(): Promise<AsyncDisposable>;
}

/** A real database, a real sandbox LMS, and a provider that knows just the accounts of the database. */
export async function createLinkageBench({ env = {} }: { env?: Record<string, string> } = {}) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const portico = stack.use(await startFakePortico());
  const sandbox = stack.use(await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url }));
  const orm = stack.adopt(createOrm({ url: database.url, poolSize: 16 }), (it) => it.close());
  const environment = {
    DATABASE_URL: database.url,
    PORTICO_PUBLIC_URL: portico.url,
    OPENEDX_API_BASE_URL: sandbox.lmsUrl,
    OPENEDX_API_CLIENT_ID: TEST_SANDBOX.apiClient.clientId,
    OPENEDX_API_CLIENT_SECRET: TEST_SANDBOX.apiClient.clientSecret,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: TEST_SANDBOX.worker.clientId,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: TEST_SANDBOX.worker.clientSecret,
    PORTICO_SECRET_KEYS: keys[0],
    SMTP_URL: 'smtp://localhost:9',
    ...env,
  };
  const { config, secrets } = loadConfig(environment);
  const em = orm.em;
  const planner = createEdxLinkPlanner({ config: config.lms, clock: () => new Date() });
  const ports = createPorts(portico, (accountId) => em.fork().findOneOrFail(AccountEntity, { id: accountId }));
  const resources = stack.move();
  const bench = {
    em,
    keys,
    config,
    databaseUrl: database.url,
    sandbox,
    portico,
    ports,
    lever: (method: string, path: string, body?: unknown) => pullLever(sandbox, method, path, body),
    requests: async (pattern: RegExp) => {
      const all = (await pullLever(sandbox, 'GET', '/_sandbox/requests')) as SandboxRequest[];
      return all.filter((request) => pattern.test(`${request.method} ${request.path}`));
    },
    /**
     * @param lms - where this process believes the LMS to be
     * @param options - `keys`: its secret keys, newest first; `log`: where its log goes; its clock; who hears its events; how long it waits
     */
    node: (
      overrides: Partial<typeof ports> = {},
      lms: Partial<Config['lms']> = {},
      options: {
        keys?: readonly string[];
        log?: DestinationStream;
        clock?: Clock;
        events?: Events;
        timeouts?: Partial<Config['timeouts']>;
      } = {},
    ) =>
      createNode({
        clock: options.clock,
        events: options.events,
        orm,
        config: {
          ...config,
          lms: { ...config.lms, ...lms },
          timeouts: { ...config.timeouts, ...options.timeouts },
        },
        secrets: options.keys
          ? loadConfig({ ...environment, PORTICO_SECRET_KEYS: options.keys.join(',') }).secrets
          : secrets,
        log: options.log,
        databaseUrl: database.url,
        ports: { ...ports, ...overrides },
      }),
    /** An account as registration leaves it, with its link planned. */
    async account(fields: Partial<Account> & { username: string }, { isWanted = true } = {}): Promise<Account> {
      return em.fork().transactional(async (tx) => {
        const account = tx.create(AccountEntity, {
          name: fields.username,
          email: `${fields.username}@example.org`,
          emailVerifiedAt: new Date(),
          ...fields,
        });
        await tx.flush();
        await planner.plan(tx, account, systemActor, { isWanted });
        return account;
      });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
  return bench;
}

export interface SandboxRequest {
  seq: number;
  method: string;
  path: string;
  query: string;
  auth: string;
  purpose: string;
  status: number;
}

async function pullLever(sandbox: RunningSandbox, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(sandbox.lmsUrl + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** The provider's part: a token is worth what is committed of its account. */
function createPorts(portico: FakePortico, load: (accountId: string) => Promise<Account>) {
  const live = new Set<string>();
  const issue = async (accountId: string) => {
    const { username, email, name } = await load(accountId);
    const token = randomUUID();
    portico.users.set(token, { username, email, name });
    return token;
  };
  const registrationTokens: RegistrationTokens = {
    async mint(accountId) {
      const token = await issue(accountId);
      live.add(token);
      return {
        token,
        async revoke() {
          live.delete(token);
          portico.users.delete(token);
        },
      };
    },
  };
  const headlessSessions: HeadlessSessions = {
    async open(accountId) {
      // Several people sign in at a time: each session knows whose it is.
      return { cookieHeader: `session=${await issue(accountId)}`, close: async () => {} };
    },
  };
  return { registrationTokens, headlessSessions, liveTokens: live };
}

async function createNode({
  clock = () => new Date(),
  events,
  orm,
  config,
  secrets,
  databaseUrl,
  ports,
  log,
}: {
  log: DestinationStream | undefined;
  clock: Clock | undefined;
  events: Events | undefined;
  orm: ReturnType<typeof createOrm>;
  config: Config;
  secrets: Secrets;
  databaseUrl: string;
  ports: ReturnType<typeof createPorts>;
}): Promise<Node> {
  const logger = log ? createLogger('trace', log) : createLogger(process.env.TEST_LOG_LEVEL ?? 'silent');
  await using stack = new AsyncDisposableStack();
  const locks = stack.use(createAdvisoryLocks({ databaseUrl, logger }));
  const client = stack.use(createLmsClient({ config: config.lms, timeouts: config.timeouts, secrets, logger, clock }));
  const api = createLmsApi(client);
  const linkage = stack.use(
    createLinkageServices({
      config,
      secrets,
      orm,
      client,
      api,
      reads: { invalidate: () => {} },
      registrationTokens: ports.registrationTokens,
      headlessSessions: ports.headlessSessions,
      locks,
      events: events ?? createEvents({ logger, registry: new Registry() }),
      clock,
      logger,
    }),
  );
  const services: JobServices = {
    ...linkage,
    prune: createPruneService({ em: orm.em, clock, pruneOAuth: async () => 0, operationsKeptDays: 90 }),
    learningHints: createLearningHints({ em: orm.em, api, locks, clock, logger }),
    lmsUserIds: createLmsUserIds({ em: orm.em, api, locks, clock, logger }),
    signingKeys: { advance: async () => ({ activated: [], retired: [] }) },
    auditChain: createAuditChain({ orm, clock, authenticator: createAuthenticator(secrets.keys, 'audit') }),
    dataExports: { assemble: async () => {}, resume: async () => {} },
    retirements: { run: async () => true, beginDue: async () => 0 },
    edxRepair: { repairIfNeeded: async () => undefined, checkAll: async () => Promise.reject(new Error('not here')) },
    scheduleLog: { run: (_name, task) => task() },
    operations: {
      begin: async () => Promise.reject(new Error('not here')),
      run: async () => {},
      resumeForgotten: async () => 0,
    },
    mail: { deliver: async () => {} },
    tieLearner: async () => {},
    identityProviders: { reseal: async () => 0 },
    logoutNotices: { deliver: async () => {} },
  };
  const resources = stack.move();
  return {
    ...linkage,
    ...services,
    api,
    work: () => createWorker({ databaseUrl, concurrency: 8, locks, jobs: createJobs(services, logger), logger }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
