import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import type { GraphContext } from '../resolvers/context.js';
import { presentError } from '../resolvers/errors.js';
import { checkOperation } from '../resolvers/limits/check-operation.js';
import { documentLimitsRule } from '../resolvers/limits/document-limits.rule.js';
import { limits } from '../resolvers/limits/limits.js';
import { storableTextRule } from '../resolvers/limits/storable-text.js';
import type { FinishOperation } from './finish-operation.js';
import type { KnownDocuments } from './known-documents.js';

/** Headers that a browser cannot send to another site without asking first; one of them proves that no form did it. */
const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name', 'x-requested-with', 'authorization'];

/** Errors that the draft "GraphQL over HTTP" answers with 200 to clients that take `application/json` only. */
const requestErrorCodes = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

export interface GraphQLServerOptions {
  schema: GraphQLSchema;
  introspection: 'staff' | 'off';
  logger: Logger;
  /** Told of each document that was found good. */
  documents: Pick<KnownDocuments, 'remember'>;
  finish: FinishOperation;
}

/** Apollo Server with everything decided: what it checks, what it tells, what it leaves out. Started, but bound to no socket. */
export async function startGraphQLServer(options: GraphQLServerOptions): Promise<ApolloServer<GraphContext>> {
  const { schema, logger } = options;
  const server = new ApolloServer<GraphContext>({
    schema,
    // Who may introspect depends on the caller: checkOperation decides.
    introspection: true,
    nodeEnv: 'production',
    logger,
    csrfPrevention: { requestHeaders: preflightHeaders },
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [documentLimitsRule, storableTextRule],
    validationOptions: { maxErrors: 20 },
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (_formatted, error) =>
      presentError(error instanceof GraphQLError ? error : new GraphQLError('', { originalError: toError(error) })),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationPlugin(options),
    ],
  });
  await server.start();
  return server;
}

/** Checks each operation before it runs, and finishes its answer. */
function operationPlugin({
  schema,
  introspection,
  documents,
  finish,
}: GraphQLServerOptions): ApolloServerPlugin<GraphContext> {
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      let cost: number | undefined;
      return {
        async didResolveOperation({ source, document, operation, request, contextValue }) {
          if (!operation) return;
          if (operation.operation === 'subscription') throw notOverHttp();
          documents.remember(source, document);
          cost = checkOperation({
            schema,
            document,
            operation,
            variables: request.variables ?? {},
            viewer: contextValue.viewer,
            introspection,
          });
        },
        async willSendResponse(requestContext) {
          const { response, errors, contextValue: context, operation } = requestContext;
          if (response.body.kind !== 'single') return;
          const { singleResult: result } = response.body;
          const { answer, outage } = finish({ result, errors, context, operation, cost, startedAt });
          response.body.singleResult = answer;
          softenStatus(requestContext, answer.errors ?? []);
          if (!outage) return;
          response.http.status = outage.httpStatus;
          response.http.headers.set('retry-after', String(outage.retryAfterSeconds));
        },
      };
    },
  };
}

function notOverHttp(): GraphQLError {
  const message =
    'A subscription needs a WebSocket to this address, with the protocol graphql-transport-ws, or a stream of events: /graphql/stream.';
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

function softenStatus(
  { request, response }: GraphQLRequestContext<GraphContext>,
  errors: readonly { extensions?: Record<string, unknown> }[],
): void {
  const accept = request.http?.headers.get('accept') ?? '';
  if (response.http.status !== 400 || accept.includes('application/graphql-response+json')) return;
  if (errors.every((error) => requestErrorCodes.has(String(error.extensions?.code)))) response.http.status = 200;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
