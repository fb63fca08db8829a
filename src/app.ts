import type { FastifyInstance } from 'fastify';
import { type AppContext, type ContextOptions, type ContextOverrides, createContext } from './context.js';
import { registerHealth } from './http/health.js';
import { registerMetrics } from './http/metrics.js';
import { createHttpServer } from './http/server.js';

/** Which halves of Portico this process runs. */
export interface AppParts {
  web?: boolean;
  worker?: boolean;
}

/** A running Portico. Disposing it stops taking requests, lets the running ones end, and closes what it opened. */
export interface App extends AsyncDisposable {
  /** Without trailing slash. */
  url: string;
  context: AppContext;
  /** Absent when only the worker runs. */
  httpServer: FastifyInstance | undefined;
}

/**
 * Builds and starts Portico; the only place where its parts meet.
 *
 * @param options - settings, secrets, clock, logger and which parts to run (both when not said)
 * @param overrides - replaces parts of the context; for tests
 * @throws when the port is taken or the database does not answer
 */
export async function createApp(
  { parts = { web: true, worker: true }, ...options }: ContextOptions & { parts?: AppParts },
  overrides: ContextOverrides = {},
): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const context = stack.use(await createContext(options, overrides));
  const httpServer = parts.web ? stack.use(await startWeb(context)).app : undefined;
  const resources = stack.move();
  return {
    url: context.config.http.publicUrl,
    context,
    httpServer,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startWeb(context: AppContext): Promise<{ app: FastifyInstance } & AsyncDisposable> {
  const { config, logger, orm, metrics } = context;
  const state = { isStarted: false, isAccepting: true };
  const { app } = await createHttpServer({
    config: config.http,
    logger: logger.child({ part: 'http' }),
    renderError: ({ message }) => message,
  });
  registerHealth(app, {
    isStarted: () => state.isStarted,
    isAccepting: () => state.isAccepting,
    needed: { database: () => orm.em.fork().execute('select 1') },
    wanted: {},
  });
  registerMetrics(app, metrics);
  // Parts register here, one line each: await app.register(oauthRoutes, { … });
  await app.listen({ port: config.http.port, host: config.http.host });
  state.isStarted = true;
  return {
    app,
    async [Symbol.asyncDispose]() {
      state.isAccepting = false;
      await app.close();
    },
  };
}
