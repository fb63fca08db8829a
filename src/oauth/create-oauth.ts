import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyPluginAsync } from 'fastify';
import type Provider from 'oidc-provider';
import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { ChangeFeed } from '../changes/change-feed.js';
import { createFreshCache } from '../changes/fresh-cache.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createSealer } from '../crypto/sealer.js';
import type { Events } from '../events.js';
import type { Logger } from '../logger.js';
import { createOwnerRead } from '../services/account/owner-rows.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { CheckClient, CheckSector } from '../services/oauth-client/input.js';
import type { HeadlessSessions, RegistrationTokens } from '../services/ports.js';
import { createSigningKeyService, type SigningKeyService } from '../services/signing-key/signing-key.service.js';
import type { ThrottleStore } from '../services/throttle.js';
import { createErrorRenderer } from './answers/errors.js';
import { commonHeaders } from './answers/headers.js';
import { createCallbackFetch } from './client/callbacks.js';
import { createCheckClient } from './client/check.js';
import { createClientGrants } from './client/grants.js';
import { createClientRegistry } from './client/registry.js';
import { createSectorChecks } from './client/sector.js';
import { createConfiguration } from './configuration.js';
import { createDevicePages } from './device/pages.js';
import { createDeviceThrottles } from './device/throttles.js';
import { createDirectAnswers } from './direct/direct-answers.js';
import { createDirectDoors } from './direct/direct-doors.js';
import type { KnownAnswers } from './direct/introspection.js';
import { createAuthenticateClient } from './direct/known-client.js';
import type { KnownUserInfo } from './direct/user-info.js';
import { createFailureThrottle } from './failure-throttle.js';
import { boundAnonymousRequests } from './interaction/anonymous-requests.js';
import { createConsents } from './interaction/consented-grants.js';
import { createInteractionSteps } from './interaction/steps.js';
import type { FindLmsUserId } from './jwt/answers.js';
import { createJwtKeys, type JwtKeys } from './jwt/keys.js';
import { loadSigningKeys } from './jwt/signing-keys.js';
import { createFindJwtToken } from './jwt/tokens.js';
import { defaultLifetimes, type Lifetimes } from './lifetimes.js';
import { buildProvider } from './provider.js';
import { createRoutes } from './routes.js';
import { createSessionEnding } from './session/ending.js';
import { createHeadlessSessions } from './session/headless.js';
import { createLogoutNotices, type LogoutNotices } from './session/logout-notices.js';
import { createSignIn } from './session/sign-in.js';
import { createSignOutPages } from './session/sign-out-pages.js';
import { createAccountReads } from './storage/account-reads.js';
import { createAdapterFactory } from './storage/adapter.js';
import { createArtifactStore } from './storage/artifact-store.js';
import { createDoubts } from './storage/doubts.js';
import { createPruneExpired, type PruneExpired } from './storage/prune-expired.js';
import { createRequestAccounts, createRequestReads } from './storage/request-reads.js';
import { createSessionStore } from './storage/session-store.js';
import { createStatementRunner } from './storage/statements.js';
import { createSubjects } from './storage/subjects.js';
import { createTellEnded } from './storage/tell-ended.js';
import { createSubjectOf } from './subject-of.js';
import { createProofCheck } from './token/dpop-proof.js';
import { createRegistrationTokens } from './token/registration-tokens.js';
import { type AuthenticateToken, createAuthenticateToken, knownTokenMs, mostKnownTokens } from './token/viewer.js';

export interface OAuthDependencies {
  config: Pick<Config, 'http' | 'lms' | 'site' | 'throttles' | 'tokens'>;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  clock: Clock;
  changes: ChangeFeed;
  logger: Logger;
  findLmsUserId: FindLmsUserId;
  /** Where failures are counted, for all processes together. */
  throttles: ThrottleStore;
  audit: AuditService;
  events: Events;
  /** Whether sign-in asks this account for a second factor. */
  hasSecondFactor: (accountId: string) => Promise<boolean>;
  lifetimes?: Partial<Lifetimes>;
}

/** The OAuth 2 and OpenID Connect provider, and the sign-in session that everything shares. */
export interface OAuth extends AsyncDisposable {
  /** Fastify plugin with the endpoints under `/oauth2/` and `/.well-known/`. */
  routes: FastifyPluginAsync;
  signIn: SignIn;
  clientGrants: ClientGrants;
  registrationTokens: RegistrationTokens;
  headlessSessions: HeadlessSessions;
  authenticateToken: AuthenticateToken;
  /** Tells clients of sign-outs again that could not be reached. */
  logoutNotices: Pick<LogoutNotices, 'deliver'>;
  /** Checks a client before it is saved. */
  checkClient: CheckClient;
  /** Checks what a client says of its sector, over the network. */
  checkSector: CheckSector;
  signingKeys: SigningKeyService;
  /** Deletes what has expired, in batches. */
  pruneExpired: PruneExpired;
}

/**
 * Builds the provider. Keys and clients are read from the database, and again whenever another process changes them.
 *
 * @throws when the database does not answer, or a signing key was sealed with a secret that is no longer configured
 */
export async function createOAuth(dependencies: OAuthDependencies): Promise<OAuth> {
  const { config, secrets, orm, clock, changes, logger, audit, events, findLmsUserId } = dependencies;
  const lifetimes = { ...defaultLifetimes, ...dependencies.lifetimes };
  const run = createStatementRunner(orm);
  const reads = createRequestReads();
  const accounts = createRequestAccounts(createAccountReads(run), reads);
  const tellEnded = createTellEnded(changes);
  const doubts = createDoubts();
  const owners = { areWanted: reads.areOwnersWanted, read: createOwnerRead(orm.em) };
  const artifacts = createArtifactStore({ run, clock, doubts, tellEnded, owners });
  const sessions = createSessionStore(run, clock, tellEnded);
  const consents = createConsents(orm, clock);
  const clients = createClientRegistry({ orm, clock, changes, logger, secretKeys: secrets.keys });
  const sealer = createSealer(secrets.keys, 'signing-key');
  const longestTokenSeconds = Math.max(lifetimes.accessToken, lifetimes.clientCredentials, lifetimes.idToken);
  const signingKeys = createSigningKeyService({ orm, sealer, clock, audit, longestTokenSeconds });

  let current: {
    provider: Provider;
    jwtKeys: JwtKeys;
    handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  };
  const currentProvider = () => current.provider;
  const logoutNotices = createLogoutNotices({ orm, clock, logger, currentProvider });
  const ending = createSessionEnding({ currentProvider, artifacts, sessions, logger });
  const subjects = createSubjects(run);
  const sectors = createSectorChecks(currentProvider);
  const isLmsClient = async (clientId: string) =>
    (await clients.findByName(config.lms.clientName))?.clientId === clientId;
  const configuration = createConfiguration({
    accounts,
    clients,
    consents,
    clock,
    lifetimes,
    isLmsClient,
    hasSecondFactor: dependencies.hasSecondFactor,
    secretKeys: secrets.keys,
    renderError: createErrorRenderer(config.site),
    signOutPages: createSignOutPages(config.site),
    devicePages: createDevicePages(config.site),
    subjects,
    isSectorBeingChecked: sectors.isBeingChecked,
    callbackFetch: createCallbackFetch(config.http.allowLoopbackCallbacks),
  });
  const adapter = createAdapterFactory({ run, artifacts, sessions, clients, reads, clock });
  const currentKeys = () => current.jwtKeys;
  const findJwtToken = createFindJwtToken({
    currentKeys,
    currentProvider,
    artifacts,
    clock,
    audience: config.tokens.jwtAudience,
  });
  const authenticateToken = createAuthenticateToken({
    currentProvider,
    accounts,
    clients,
    artifacts,
    reads,
    findJwtToken,
    isProven: createProofCheck(currentProvider, clock),
    changes,
    clock,
  });
  const known = { changes, clock, ttlMs: knownTokenMs, max: mostKnownTokens };
  const knownAnswers: KnownAnswers = createFreshCache(known);
  const knownUserInfo: KnownUserInfo = createFreshCache(known);
  const issuer = config.http.publicUrl;
  const audience = config.tokens.jwtAudience;
  const throttle = createFailureThrottle(dependencies.throttles, config.throttles);
  const deviceThrottles = createDeviceThrottles(dependencies.throttles);
  // One count for all providers that take each other's place.
  const boundAnonymous = boundAnonymousRequests({
    perMinute: config.throttles.anonymousAuthorizationsPerMinute,
    events,
    site: config.site,
  });
  const build = async () => {
    const keys = await loadSigningKeys(signingKeys, sealer);
    const jwtKeys = await createJwtKeys(keys, issuer);
    const provider = buildProvider(keys, jwtKeys, {
      issuer,
      configuration,
      adapter,
      accounts,
      clients,
      ending,
      logoutNotices,
      authenticateToken,
      findJwtToken,
      knownAnswers,
      jwts: { issuer, audience, accounts, clients, artifacts, subjects, findLmsUserId, clock },
      exchange: {
        subjectOf: createSubjectOf(currentProvider, subjects),
        ownAudiences: [issuer, audience],
        accessTokenSeconds: lifetimes.accessToken,
      },
      throttle,
      boundAnonymous,
      deviceThrottles,
      site: config.site,
      events,
      audit,
      logger,
      logoUrl: config.site.logo,
    });
    events.signingKeysLoaded({ kids: keys.map(({ kid }) => kid) });
    return { provider, jwtKeys, handle: provider.callback() };
  };
  if (config.http.allowLoopbackCallbacks)
    logger.warn(
      'PORTICO_ALLOW_LOOPBACK_CALLBACKS is on: clients can have this machine call itself; never in production',
    );
  current = await build();

  let rebuilding = Promise.resolve();
  const rebuild = () => {
    rebuilding = rebuilding.then(async () => {
      try {
        current = await build();
      } catch (error) {
        logger.error({ err: error }, 'signing keys could not be read again; the previous ones stay in use');
      }
    });
  };
  const stopListening = changes.subscribe((change) => change.topic === 'signing-keys' && rebuild());
  const stopResync = changes.onResync(rebuild);

  return {
    routes: createRoutes({
      publicUrl: issuer,
      handler: () => current.handle,
      answerDirectly: createDirectAnswers(
        createDirectDoors({
          currentProvider,
          knownAnswers,
          knownUserInfo,
          clients,
          artifacts,
          sessions,
          audit,
          events,
          lifetimes,
          clock,
        }),
        createAuthenticateClient(currentProvider, clients),
        commonHeaders(config.site.logo, issuer.startsWith('https:')),
      ),
    }),
    signIn: createSignIn({
      currentProvider,
      accounts,
      sessions,
      artifacts,
      ending,
      interactions: createInteractionSteps({ currentProvider, consents, clients, isLmsClient, audit }),
      lifetimes,
      clock,
      events,
      audit,
    }),
    clientGrants: createClientGrants({ consents, clients, artifacts, audit }),
    registrationTokens: createRegistrationTokens({
      currentProvider,
      clients,
      artifacts,
      clientName: config.lms.clientName,
      lifetimeSeconds: config.lms.registrationTokenSeconds,
    }),
    headlessSessions: createHeadlessSessions({
      currentProvider,
      ending,
      lifetimeSeconds: lifetimes.headlessSession,
    }),
    authenticateToken,
    logoutNotices,
    checkClient: createCheckClient(currentProvider),
    checkSector: sectors.check,
    signingKeys,
    pruneExpired: createPruneExpired({ run, clock, lifetimes }),
    async [Symbol.asyncDispose]() {
      stopListening();
      stopResync();
      clients[Symbol.dispose]();
      doubts[Symbol.dispose]();
      await rebuilding;
    },
  };
}
