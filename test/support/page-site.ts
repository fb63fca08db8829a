import { createIdentityServices } from '../../src/app/identity-services.js';
import { createSealer } from '../../src/crypto/sealer.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLogger } from '../../src/logger.js';
import { createErrorRenderer } from '../../src/pages/error-renderer.js';
import { pageRoutes } from '../../src/pages/page-routes.js';
import { createApiDocument } from '../../src/rest/openapi/document.js';
import { createIdentityProof } from '../../src/services/account/identity-proof.js';
import { createDataExportService } from '../../src/services/data-export/data-export.service.js';
import { enqueueCreation } from '../../src/services/edx-link/plan.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { createDeletionRequestService } from '../../src/services/retirement/deletion-request.service.js';
import { startAccountServices, type TestAccountServices, testPublicUrl } from './account-services.js';
import { createInMemorySignIn, type InMemorySignIn } from './in-memory-sign-in.js';
import { PageVisitor } from './page-visitor.js';

/** The pages on a database of their own, without the OAuth provider. */
export interface PageSite extends AsyncDisposable {
  services: TestAccountServices;
  signIn: InMemorySignIn;
  /** A browser that has not been here before. */
  newVisitor(origin?: string): PageVisitor;
  /** Opens the site to real browsers. */
  listen(port: number): Promise<unknown>;
}

export async function startPageSite(env: Record<string, string> = {}): Promise<PageSite> {
  await using stack = new AsyncDisposableStack();
  const services = stack.use(await startAccountServices({ env }));
  const { config } = services;
  const signIn = createInMemorySignIn();
  const { app } = await createHttpServer({
    config: config.http,
    logger: createLogger(process.env.TEST_LOG_LEVEL ?? 'silent'),
    renderError: createErrorRenderer({ site: config.site }),
  });
  stack.defer(() => app.close());
  const clientGrants = { list: async () => [], revoke: async () => false };
  const { secondFactors, mail, orm } = services;
  const clock = () => new Date();
  const identities = stack.use(
    createIdentityServices({
      config,
      secrets: { keys: ['test-secret-key-of-at-least-32-characters'] },
      orm,
      audit: services.audit,
      edxLinks: createEdxLinkPlanner({ config: config.lms, clock }),
      accountServices: services,
      learnerTies: { tie: () => Promise.reject(new Error('there are no learners here')) },
      clock,
      logger: createLogger('silent'),
    }),
  );
  const leaving = { orm, clock, audit: services.audit, mail, publicUrl: config.http.publicUrl, site: config.site };
  await app.register(pageRoutes, {
    apiDocument: createApiDocument({ publicUrl: config.http.publicUrl, siteName: config.site.name }),
    signIn,
    ...services,
    ...identities,
    clientGrants,
    identityProof: createIdentityProof({ secondFactors, signIn, clock }),
    dataExports: createDataExportService({
      ...leaving,
      sealer: createSealer(['test-secret-key-of-at-least-32-characters'], 'data-export'),
      lifeDays: config.leaving.exportLifeDays,
      signIn,
      clientGrants,
    }),
    deletionRequests: createDeletionRequestService({ ...leaving, waitDays: config.leaving.deletionWaitDays }),
    edxLinks: {
      find: async (accountId) => (await services.orm.em.fork().findOne(EdxLinkEntity, { accountId })) ?? undefined,
      ensure: (accountId) => enqueueCreation(services.orm.em.fork(), accountId),
    },
  });
  await app.ready();
  const resources = stack.move();
  return {
    services,
    signIn,
    newVisitor: (origin = testPublicUrl) => new PageVisitor(app, origin),
    listen: (port) => app.listen({ port, host: '127.0.0.1' }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
