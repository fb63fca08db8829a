import { Readable } from 'node:stream';
import cors from '@fastify/cors';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { nobody } from '../access/viewer.js';
import { DatabaseUnavailableError, UnauthenticatedError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { CreateGraphContext, GraphRequest } from '../resolvers/context.js';
import type { Authenticate } from './authenticate.js';
import { createAnswerDirectly } from './direct-operation.js';
import { describeError, retryAfterOf } from './error-answer.js';
import type { EventStreams } from './event-streams.js';
import type { FinishOperation } from './finish-operation.js';
import { readGraphQLRequest, sendErrors } from './graphql-request.js';
import { startGraphQLServer } from './graphql-server.js';
import { createKnownDocuments } from './known-documents.js';

type Caller = Pick<GraphRequest, 'viewer' | 'owner'>;

export const graphqlPath = '/graphql';
/** Below it. */
const streamPath = '/stream';

export interface GraphQLRoutesOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  createContext: CreateGraphContext;
  introspection: 'staff' | 'off';
  /** Web origins that browsers may call from, beside our own. */
  allowedOrigins: readonly string[];
  streams: EventStreams;
  finish: FinishOperation;
  logger: Logger;
}

/**
 * GraphQL over HTTP at `/graphql`, and as a stream of events at `/graphql/stream`: GET for queries, POST with JSON. A bad token
 * is refused with 401, whatever the body; malformed requests get a 4xx with `errors`. A document that was found good before is
 * answered on a short way.
 */
export async function graphqlRoutes(app: FastifyInstance, options: GraphQLRoutesOptions): Promise<void> {
  const { authenticate, createContext, allowedOrigins, streams, logger } = options;
  const documents = createKnownDocuments();
  const answerDirectly = createAnswerDirectly({ ...options, documents });
  const server = await startGraphQLServer({ ...options, documents });
  /** Who asks is found out while the body comes in. */
  const callers = new WeakMap<FastifyRequest, Promise<Caller>>();
  const identify = async (request: FastifyRequest, reply: FastifyReply): Promise<Caller> => {
    let owner: GraphRequest['owner'];
    const onOwner = (found: typeof owner) => {
      owner = found;
    };
    const viewer = await authenticate(request.raw, reply.raw, { onOwner });
    return { viewer, owner };
  };
  app.addHook('onClose', () => server.stop());

  await app.register(
    async (scope) => {
      scope.removeContentTypeParser('text/plain');
      scope.setErrorHandler(async (error: FastifyError | Error, request, reply) => {
        // Who may not ask is told so first, whatever is wrong with what they ask.
        const first = await callers.get(request)?.then(
          () => error,
          (refusal: Error) => refusal,
        );
        return refuse(first ?? error, request, reply, logger);
      });
      await scope.register(cors, {
        origin: [...allowedOrigins],
        credentials: true,
        methods: ['GET', 'POST'],
        allowedHeaders: [
          'authorization',
          'dpop',
          'content-type',
          'apollo-require-preflight',
          'x-apollo-operation-name',
        ],
        exposedHeaders: ['x-request-id'],
        maxAge: 3600,
      });
      scope.route({
        method: ['GET', 'POST'],
        url: streamPath,
        handler: (request, reply) => streams.answer(request, reply),
      });
      scope.route({
        // All of them, so that the wrong ones are told which are right.
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '',
        onRequest: (request, reply, done) => {
          const caller = identify(request, reply);
          // Whoever waits for it is told; nobody does where the connection breaks off before.
          caller.catch(() => {});
          callers.set(request, caller);
          done();
        },
        handler: async (request, reply) => {
          const caller = (await callers.get(request)) ?? { viewer: nobody };
          const contextOf = () => createContext({ ...caller, requestId: request.id, address: request.ip });
          reply.header('cache-control', 'no-store');
          const direct = await answerDirectly(request, contextOf);
          if (direct) {
            if (direct.outage)
              reply.code(direct.outage.httpStatus).header('retry-after', direct.outage.retryAfterSeconds);
            return reply.header('content-type', direct.contentType).send(`${JSON.stringify(direct.answer)}\n`);
          }
          const { status, headers, body } = await server.executeHTTPGraphQLRequest({
            httpGraphQLRequest: readGraphQLRequest(request),
            context: async () => contextOf(),
          });
          reply.code(status ?? 200);
          for (const [name, value] of headers) reply.header(name, value);
          return reply.send(body.kind === 'complete' ? body.string : Readable.from(body.asyncIterator));
        },
      });
    },
    { prefix: graphqlPath },
  );
}

function refuse(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const { status, code, message, extensions } = describeError(error);
  if (error instanceof DatabaseUnavailableError) logger.warn({ reason: error.cause }, 'the database is away');
  else if (status >= 500) logger.error({ err: error, requestId: request.id }, 'a GraphQL request failed');
  const waitSeconds = retryAfterOf(error);
  if (waitSeconds !== undefined) reply.header('retry-after', waitSeconds);
  if (error instanceof UnauthenticatedError) reply.header('www-authenticate', error.challenge);
  return sendErrors(request, reply, status, [{ message, extensions: { code, ...extensions, requestId: request.id } }]);
}
