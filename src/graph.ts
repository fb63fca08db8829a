import type { FastifyInstance } from 'fastify';
import type { ChangeFeed } from './changes/change-feed.js';
import type { Config } from './config/config.js';
import type { LearningReads } from './datasources/learning-reads.js';
import type { Authenticate } from './http/authenticate.js';
import { graphqlRoutes } from './http/graphql.js';
import { playgroundRoutes } from './http/playground.js';
import { attachSubscriptions } from './http/subscriptions.js';
import type { AdmitRequest } from './http/trusted-request.js';
import type { Logger } from './logger.js';
import { createGraphContexts } from './resolvers/context.js';
import { buildGraphSchema } from './resolvers/schema.js';
import type { GraphServices } from './resolvers/services.js';
import { createChangeTopics } from './resolvers/subscription/change-topics.js';

export interface GraphDependencies {
  config: Pick<Config, 'http' | 'graphql'>;
  services: GraphServices;
  learningReads: Pick<LearningReads, 'forRequest'>;
  changes: ChangeFeed;
  authenticate: Authenticate;
  admitRequest: AdmitRequest;
  /** Where the build wrote the playground. */
  playgroundDir: string;
  logger: Logger;
}

/**
 * Puts the graph in front of the services: over HTTP and WebSocket, with the playground; part of the composition root.
 *
 * @returns how to end its sockets; before the web server closes, since they keep it open
 */
export async function serveGraph(app: FastifyInstance, dependencies: GraphDependencies): Promise<AsyncDisposable> {
  const { config, services, learningReads, changes, authenticate, admitRequest, playgroundDir } = dependencies;
  const { publicUrl, allowedOrigins } = config.http;
  const { introspection } = config.graphql;
  const logger = dependencies.logger.child({ part: 'graphql' });
  await using stack = new AsyncDisposableStack();
  const topics = stack.use(createChangeTopics({ changes, logger }));
  const schema = buildGraphSchema();
  const createContext = createGraphContexts({ services, learningReads, topics });
  const common = { schema, authenticate, createContext, introspection, logger };
  await app.register(graphqlRoutes, { ...common, allowedOrigins });
  await app.register(playgroundRoutes, { authenticate, introspection, publicUrl, assetsDir: playgroundDir });
  const ownOrigins = [new URL(publicUrl).origin, ...allowedOrigins];
  stack.use(attachSubscriptions(app.server, { ...common, admitRequest, allowedOrigins: ownOrigins }));
  return stack.move();
}
