import { Readable } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@fastify/cors';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import { UnauthenticatedError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { CreateGraphContext } from '../resolvers/context.js';
import { describeError } from './error-answer.js';
import { abortWhenGone, readGraphQLRequest, sendErrors } from './graphql-request.js';
import { startGraphQLServer } from './graphql-server.js';

export const graphqlPath = '/graphql';

/** Turns cookie or bearer token into who is asking. */
export type Authenticate = (req: IncomingMessage, res?: ServerResponse) => Promise<Viewer>;

export interface GraphQLRoutesOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  createContext: CreateGraphContext;
  introspection: 'staff' | 'off';
  /** Web origins that browsers may call from, beside our own. */
  allowedOrigins: readonly string[];
  logger: Logger;
}

/**
 * GraphQL over HTTP at `/graphql`: GET for queries, POST with JSON. A bad token is refused with 401 before anything of the
 * request is read; malformed requests get a 4xx with `errors`.
 */
export async function graphqlRoutes(app: FastifyInstance, options: GraphQLRoutesOptions): Promise<void> {
  const { authenticate, createContext, allowedOrigins, logger } = options;
  const server = await startGraphQLServer(options);
  app.addHook('onClose', () => server.stop());
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error: FastifyError | Error, request, reply) => refuse(error, request, reply));
  await app.register(cors, {
    origin: [...allowedOrigins],
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'],
    exposedHeaders: ['x-request-id'],
    maxAge: 3600,
  });

  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: graphqlPath,
    handler: async (request, reply) => {
      const viewer = await authenticate(request.raw, reply.raw);
      const signal = abortWhenGone(reply);
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: readGraphQLRequest(request),
        context: async () => createContext({ viewer, requestId: request.id, address: request.ip, signal }),
      });
      reply.code(answer.status ?? 200).header('cache-control', 'no-store');
      for (const [name, value] of answer.headers) reply.header(name, value);
      return reply.send(answer.body.kind === 'complete' ? answer.body.string : Readable.from(answer.body.asyncIterator));
    },
  });

  function refuse(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, code, message, extensions } = describeError(error);
    if (status >= 500) logger.error({ err: error, requestId: request.id }, 'a GraphQL request failed');
    // RFC 6750 3.1
    if (error instanceof UnauthenticatedError) reply.header('www-authenticate', 'Bearer error="invalid_token"');
    return sendErrors(request, reply, status, [{ message, extensions: { code, ...extensions, requestId: request.id } }]);
  }
}
