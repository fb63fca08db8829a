import 'reflect-metadata';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Registry } from 'prom-client';
import { type ChangeFeed, createChangeFeed } from '../changes/change-feed.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createAuthenticator } from '../crypto/authenticator.js';
import { createBreakerSharing } from '../datasources/breaker-sharing.js';
import { createBudgetSharing } from '../datasources/budget-sharing.js';
import { createLearningReads, type LearningReads } from '../datasources/learning-reads.js';
import { createLmsApi, type LmsApi } from '../datasources/lms/lms-api.js';
import { createLmsClient, type LmsClient } from '../datasources/lms/lms-client.js';
import { createRedisAnswers, layerAnswers } from '../datasources/redis-answers.js';
import { type DatabasePatience, databasePatience, raiseOutagesOf } from '../entities/database-outage.js';
import { findPendingMigrations } from '../entities/migrate.js';
import { createOrm } from '../entities/orm.js';
import { watchOutcomes } from '../entities/watch-outcomes.js';
import type { BusConsumer } from '../event-bus/bus-consumer.js';
import { createEvents, type Events } from '../events.js';
import { queueClasses, queueClassOf } from '../jobs/queue-class.js';
import { type AdvisoryLocks, createAdvisoryLocks } from '../locks/advisory-locks.js';
import { createLogger, type Logger } from '../logger.js';
import { createOAuth, type OAuth } from '../oauth/create-oauth.js';
import type { Lifetimes } from '../oauth/lifetimes.js';
import { connectRedis } from '../redis/redis.js';
import {
  type AccountLifecycleService,
  createAccountLifecycleService,
} from '../services/account/account-lifecycle.service.js';
import { createRecentAccounts, type RecentAccounts } from '../services/account/recent-accounts.js';
import { type AuditService, createAuditService } from '../services/audit/audit.service.js';
import { type AuditChain, createAuditChain } from '../services/audit/chain/append.js';
import { createAuditChaining } from '../services/audit/chain/chaining.js';
import { auditPurpose } from '../services/audit/chain/link.js';
import { createFindLmsUserId } from '../services/edx-link/find-lms-user-id.js';
import { createEdxLinkPlanner } from '../services/edx-link/planner.js';
import { createFiguresService, type FiguresService } from '../services/figures/figures.service.js';
import { createLearningMemory, type StoredLearningMemory } from '../services/grade/learning-memory.js';
import { createInstallationService, type InstallationService } from '../services/installation/installation.service.js';
import { createDatabaseAnswers, type DatabaseAnswers } from '../services/learning-answers/database-answers.js';
import { createOAuthClientService, type OAuthClientService } from '../services/oauth-client/oauth-client.service.js';
import type { PasswordCost } from '../services/password/hash.js';
import { createPasswordPolicy } from '../services/password/policy.js';
import { ensureOrganization } from '../services/program/ensure-organization.js';
import { createPruneService, type PruneService } from '../services/prune.service.js';
import type { SigningKeyService } from '../services/signing-key/signing-key.service.js';
import { type AccountServices, createAccountServices } from './account-services.js';
import { createEventServices, type EventPatience, type EventServices } from './event-services.js';
import { createIdentityServices, type IdentityServices } from './identity-services.js';
import { createLeavingServices, type LeavingServices } from './leaving-services.js';
import { createLinkageServices, type LinkageServices } from './linkage-services.js';
import { createOperationServices, type OperationServices } from './operation-services.js';
import { createPartnerServices, type PartnerServices } from './partner-services.js';
import { createProgramServices, type ProgramServices } from './program-services.js';
import { createProgramUpstream, type ProgramUpstream } from './program-source.js';

/** The rules, as doors and jobs call them. */
export interface Services
  extends Omit<AccountServices, keyof AsyncDisposable>,
    Omit<LinkageServices, keyof AsyncDisposable>,
    LeavingServices,
    EventServices,
    OperationServices,
    PartnerServices,
    ProgramServices,
    IdentityServices {
  accountLifecycle: AccountLifecycleService;
  oauthClients: OAuthClientService;
  installation: InstallationService;
  audit: AuditService;
  auditChain: AuditChain;
  figures: FiguresService;
  prune: PruneService;
  signingKeys: SigningKeyService;
  logoutNotices: OAuth['logoutNotices'];
}

/** What lives as long as the process. Built in one place, handed on as arguments. */
export interface AppContext extends AsyncDisposable {
  config: Config;
  secrets: Secrets;
  clock: Clock;
  logger: Logger;
  orm: MikroORM;
  changes: ChangeFeed;
  locks: AdvisoryLocks;
  metrics: Registry;
  events: Events;
  lms: { client: LmsClient; api: LmsApi; reads: LearningReads; memory: StoredLearningMemory; answers: DatabaseAnswers };
  /** Where programs and the enrollments in them are: a Registrar, or Discovery and the LMS. */
  programUpstream: ProgramUpstream;
  /** Where an event bus is configured; the worker starts it. */
  busConsumer: BusConsumer | undefined;
  oauth: OAuth;
  services: Services;
  /** For doors that many requests of one person come through. */
  recentAccounts: RecentAccounts;
}

export interface ContextOptions {
  config: Config;
  secrets: Secrets;
  clock?: Clock;
  logger?: Logger;
}

/** Replaces parts; for tests. */
export interface ContextOverrides {
  /** Cheaper hashes than production needs. */
  passwordCost?: PasswordCost;
  /** Of the tokens and sessions of the provider. */
  lifetimes?: Partial<Lifetimes>;
  /** With a database that does not answer. */
  patience?: DatabasePatience;
  /** With the event bus. */
  busPatience?: EventPatience;
}

/** A Redis that takes longer is no help. */
const redisAnswerMs = 250;

/**
 * Builds everything that web and worker share, in the order in which the parts need each other.
 *
 * @throws when the database does not answer, or is not migrated
 */
export async function createContext(options: ContextOptions, overrides: ContextOverrides = {}): Promise<AppContext> {
  const { config, secrets, clock = () => new Date() } = options;
  const logger = options.logger ?? createLogger(config.log.level);
  const databaseUrl = config.database.url;
  const { patience = databasePatience } = overrides;
  await using stack = new AsyncDisposableStack();

  const orm = stack.adopt(createOrm({ ...config.database, patience }), (it) => it.close());
  const pending = await findPendingMigrations(orm);
  if (pending.length > 0) throw new Error(`The database lacks ${pending.join(', ')}. Run: portico migrate`);
  // From now on; before that, whoever starts Portico wants to know what the database says.
  await raiseOutagesOf(orm);
  const changes = stack.use(await createChangeFeed({ databaseUrl, logger, silenceMs: patience.answerMs }));
  const locks = stack.use(createAdvisoryLocks({ databaseUrl, logger }));
  const metrics = new Registry();
  const events = createEvents({ logger: logger.child({ part: 'events' }), registry: metrics });
  watchOutcomes(orm, events);

  const { moved: onBreaker } = createBreakerSharing({ em: orm.em, changes, logger });
  const client = stack.use(
    createLmsClient({
      config: config.lms,
      timeouts: config.timeouts,
      secrets,
      logger,
      clock,
      onCall: (record) => events.upstreamCalled(record),
      onCounted: (worker) => budgetSharing.spent(worker),
      onBreaker,
    }),
  );
  const budgetSharing = stack.use(
    createBudgetSharing({
      em: orm.em,
      changes,
      serviceUsers: client.workerUsernames.map((username) => `${client.baseUrl} ${username}`),
      onSpentElsewhere: client.countElsewhere,
      logger,
    }),
  );
  const api = createLmsApi(client);
  const memory = stack.use(createLearningMemory({ em: orm.em, logger }));
  const answers = stack.use(createDatabaseAnswers({ em: orm.em, logger }));
  const redis =
    secrets.redisUrl === undefined
      ? undefined
      : stack.use(connectRedis(secrets.redisUrl, { logger, name: 'portico-answers', answerMs: redisAnswerMs }));
  const shared = redis && createRedisAnswers({ redis, clock, logger });
  const store = shared ? layerAnswers(shared, answers) : answers;
  const kept = config.lms.keepsAnswers ? { memory, store, shared } : { keepsAnswers: false };
  const reads = stack.use(createLearningReads({ api, clock, logger, changes, ...kept }));

  const authenticator = createAuthenticator(secrets.keys, auditPurpose);
  const auditChain = createAuditChain({ orm, clock, authenticator });
  const auditChaining = stack.use(createAuditChaining({ chain: auditChain, logger }));
  const audit = createAuditService({ orm, clock, logger, onRecorded: () => auditChaining.wake() });
  const edxLinkPlanner = createEdxLinkPlanner({ config: config.lms, clock });
  const accountServices = stack.use(
    createAccountServices({
      config,
      secrets,
      orm,
      clock,
      logger,
      audit,
      events,
      edxLinks: edxLinkPlanner,
      passwordCost: overrides.passwordCost,
    }),
  );
  const recentAccounts = createRecentAccounts({ accounts: accountServices.accounts, changes, clock });
  const oauth = stack.use(
    await createOAuth({
      config,
      secrets,
      orm,
      clock,
      changes,
      logger: logger.child({ part: 'oauth' }),
      hasSecondFactor: accountServices.secondFactors.isOn,
      findLmsUserId: createFindLmsUserId(orm),
      throttles: accountServices.throttles,
      audit,
      events,
      ...(overrides.lifetimes && { lifetimes: overrides.lifetimes }),
    }),
  );
  const { registrationTokens, headlessSessions, checkClient, checkSector, pruneExpired } = oauth;
  const linkageServices = stack.use(
    createLinkageServices({
      config,
      secrets,
      orm,
      locks,
      client,
      api,
      reads,
      registrationTokens,
      headlessSessions,
      events,
      clock,
      logger,
    }),
  );
  const leavingServices = createLeavingServices({
    config,
    secrets,
    orm,
    locks,
    api,
    reads,
    oauth,
    accountServices,
    audit,
    events,
    clock,
    logger,
  });
  const { services: eventServices, busConsumer } = createEventServices({
    config,
    secrets,
    orm,
    api,
    locks,
    audit,
    events,
    clock,
    logger,
    busPatience: overrides.busPatience,
  });
  if (busConsumer) stack.use(busConsumer);
  const accountLifecycle = createAccountLifecycleService({
    orm,
    audit,
    signIn: oauth.signIn,
    clientGrants: oauth.clientGrants,
    edxLinks: edxLinkPlanner,
    changes,
    blockedEmails: accountServices.blockedEmails,
  });
  const oauthClients = createOAuthClientService({
    orm,
    clock,
    secretKeys: secrets.keys,
    audit,
    checkClient,
    checkSector,
    changes,
  });
  const programUpstream = createProgramUpstream({
    config,
    em: orm.em,
    client,
    onCall: (record) => events.upstreamCalled(record),
    onBreaker,
    clock,
    logger,
  });
  if (programUpstream.client) stack.use(programUpstream.client);
  const programServices = createProgramServices({
    config,
    secrets,
    orm,
    client,
    upstream: programUpstream,
    audit,
    clock,
    logger,
  });
  const identityServices = stack.use(
    createIdentityServices({
      config,
      secrets,
      orm,
      audit,
      edxLinks: edxLinkPlanner,
      accountServices,
      learnerTies: programServices.learnerTies,
      clock,
      logger,
    }),
  );
  const { mail } = accountServices;
  const partnerServices = createPartnerServices({
    config,
    secrets,
    orm,
    api,
    audit,
    changes,
    mail,
    edxLinks: linkageServices.edxLinks,
    accounts: recentAccounts,
    clock,
  });
  const services: Services = {
    ...accountServices,
    ...linkageServices,
    ...leavingServices,
    ...eventServices,
    ...partnerServices,
    ...programServices,
    ...identityServices,
    accountLifecycle,
    audit,
    auditChain,
    oauthClients,
    installation: createInstallationService({
      accounts: accountServices.accounts,
      accountLifecycle,
      oauthClients,
      clientGrants: oauth.clientGrants,
      ...partnerServices,
      ...programServices,
      ...identityServices,
      ensureOrganization: (spec, actor, options) => ensureOrganization({ orm, audit }, spec, actor, options),
      passwordPolicy: createPasswordPolicy(),
    }),
    figures: createFiguresService({ em: orm.em, queues: queueClasses, queueOf: queueClassOf }),
    ...createOperationServices({
      config,
      secrets,
      orm,
      programServices,
      locks,
      changes,
      audit,
      accounts: accountServices.accounts,
      linkageServices,
      programUpstream,
      programs: programServices.programs,
      programPermissions: partnerServices.programPermissions,
      clock,
      logger,
    }),
    prune: createPruneService({
      em: orm.em,
      clock,
      pruneOAuth: pruneExpired,
      operationsKeptDays: config.operations.keptDays,
    }),
    signingKeys: oauth.signingKeys,
    logoutNotices: oauth.logoutNotices,
  };

  const resources = stack.move();
  return {
    config,
    secrets,
    clock,
    logger,
    orm,
    changes,
    locks,
    metrics,
    events,
    lms: { client, api, reads, memory, answers },
    programUpstream,
    busConsumer,
    oauth,
    services,
    recentAccounts,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
