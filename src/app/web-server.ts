import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createAuthenticate } from '../http/authenticate.js';
import { createEventStreams } from '../http/event-streams.js';
import { createFinishOperation } from '../http/finish-operation.js';
import { graphqlRoutes } from '../http/graphql.js';
import { listen } from '../http/listen.js';
import { playgroundRoutes } from '../http/playground.js';
import { createHttpServer } from '../http/server.js';
import { ConnectionCounter } from '../http/socket-limits.js';
import { registerSubscriptionMetrics } from '../http/subscription-metrics.js';
import { attachSubscriptions } from '../http/subscriptions.js';
import { createErrorRenderer } from '../pages/error-renderer.js';
import { pageRoutes } from '../pages/page-routes.js';
import { createGraphContexts } from '../resolvers/context.js';
import { createDocuments } from '../resolvers/limits/documents.js';
import { buildGraphSchema } from '../resolvers/schema.js';
import { createChangeTopics } from '../resolvers/subscription/change-topics.js';
import { createSubscriptionGroups } from '../resolvers/subscription/subscription-groups.js';
import { registerIdMapping } from '../rest/id-mapping.js';
import { createApiDocument } from '../rest/openapi/document.js';
import { registerApiDocument } from '../rest/openapi/document-route.js';
import { registerOpenEdxWebhooks } from '../rest/openedx-webhooks.js';
import { registerOperationDownload } from '../rest/operation-download.js';
import { registrarRoutes } from '../rest/registrar/registrar-routes.js';
import { registerReportDownload } from '../rest/report-download.js';
import { uploadRoutes } from '../rest/uploads.js';
import { registerUsersMe } from '../rest/users-me.js';
import type { AppContext } from './context.js';
import { registerWatchDoors } from './watch-doors.js';

/** Written by the build; the same place seen from `src/app/` and from `dist/src/app/`. */
const playgroundFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/playground' : '../../playground', import.meta.url),
);

/** The web half: every door of Portico on one port. Each part is registered here, and knows nothing of the others. */
export async function startWeb(context: AppContext): Promise<{ app: FastifyInstance } & AsyncDisposable> {
  const { config, changes, metrics, lms, programUpstream, oauth, services } = context;
  const logger = context.logger.child({ part: 'http' });
  const state = { isStarted: false, isAccepting: true };
  await using stack = new AsyncDisposableStack();

  const { app, admitRequest } = await createHttpServer({
    config: config.http,
    logger,
    renderError: createErrorRenderer({ site: config.site }),
  });
  stack.defer(() => app.close());
  registerWatchDoors(app, context, state);

  const { signIn, clientGrants, authenticateToken } = oauth;
  const { accounts, registrations, passwordResets, emailChanges, secondFactors, passkeys, edxLinks } = services;
  const { identityProof, dataExports, deletionRequests } = services;
  const { identityProviders, identitySignIns, linkedIdentities } = services;
  const authenticate = createAuthenticate({ signIn, authenticateToken, lmsTokens: services.lmsTokens, accounts });
  await app.register(oauth.routes);
  const apiDocument = createApiDocument({ publicUrl: config.http.publicUrl, siteName: config.site.name });
  registerApiDocument(app, { document: apiDocument });
  await app.register(pageRoutes, {
    config,
    apiDocument,
    signIn,
    clientGrants,
    accounts,
    registrations,
    passwordResets,
    emailChanges,
    secondFactors,
    passkeys,
    identityProof,
    dataExports,
    deletionRequests,
    identityProviders,
    identitySignIns,
    linkedIdentities,
    edxLinks,
    partner: {
      programs: services.programs,
      permissions: services.programPermissions,
      programWrites: services.programWrites,
      operations: services.operations,
      files: services.operationFiles,
      uploads: services.uploads,
      reports: services.programReports,
    },
  });
  registerOperationDownload(app, { files: services.operationFiles });
  registerReportDownload(app, { reports: services.programReports });
  const { enrollments, announcedCertificates } = services;
  registerOpenEdxWebhooks(app, { authenticate, accounts, enrollments, announcedCertificates });
  registerIdMapping(app, { authenticate, thirdPartyMappings: services.thirdPartyMappings });
  await app.register(uploadRoutes, { authenticate, uploads: services.uploads, publicUrl: config.http.publicUrl });
  await app.register(registrarRoutes, {
    authenticate,
    programs: services.programs,
    permissions: services.programPermissions,
    operations: services.operations,
    files: services.operationFiles,
    programWrites: services.programWrites,
    uploads: services.uploads,
    reports: services.programReports,
    publicUrl: config.http.publicUrl,
  });
  registerUsersMe(app, { authenticate, accounts: context.recentAccounts, edxLinks });

  const { introspection } = config.graphql;
  const schema = buildGraphSchema();
  const topics = stack.use(createChangeTopics({ changes, logger }));
  const createGraphContext = createGraphContexts({
    services: {
      ...services,
      signIn,
      clientGrants,
      learningAnswers: config.lms.keepsAnswers ? lms.answers : { foresee() {} },
      upstreamStatuses: () => [lms.api.status(), ...(programUpstream.client ? [programUpstream.client.status()] : [])],
    },
    learningReads: lms.reads,
    findOwn: (accountId) => services.edxApiTokens.findOwn(accountId),
    topics,
  });
  const groups = stack.use(
    createSubscriptionGroups({ createContext: createGraphContext, changes, logger: logger.child({ part: 'graph' }) }),
  );
  registerSubscriptionMetrics(metrics, groups);
  const graph = {
    schema,
    authenticate,
    createContext: createGraphContext,
    introspection,
    logger,
    finish: createFinishOperation({ logger, onOperation: context.events.graphOperation }),
  };
  const { allowedOrigins, publicUrl } = config.http;
  const live = {
    ...graph,
    allowedOrigins: [new URL(publicUrl).origin, ...allowedOrigins],
    groups,
    connections: new ConnectionCounter(),
    readDocument: createDocuments(schema),
  };
  const streams = stack.use(createEventStreams(live));
  await app.register(graphqlRoutes, { ...graph, allowedOrigins, streams });
  await app.register(playgroundRoutes, { authenticate, introspection, publicUrl, assetsDir: playgroundFolder });
  await app.ready();
  stack.use(attachSubscriptions(app.server, { ...live, admitRequest }));
  await listen(app, config.http);
  state.isStarted = true;

  const resources = stack.move();
  return {
    app,
    async [Symbol.asyncDispose]() {
      state.isAccepting = false;
      await resources.disposeAsync();
    },
  };
}
