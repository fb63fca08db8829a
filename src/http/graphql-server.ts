import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { DatabaseUnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { GraphContext } from '../resolvers/context.js';
import { causeOf, presentError } from '../resolvers/errors.js';
import { finishResult } from '../resolvers/finish-result.js';
import { checkOperation } from '../resolvers/limits/check-operation.js';
import { documentLimitsRule } from '../resolvers/limits/document-limits.rule.js';
import { limits } from '../resolvers/limits/limits.js';
import { storableTextRule } from '../resolvers/limits/storable-text.js';

/** Headers that a browser cannot send to another site without asking first; one of them proves that no form did it. */
const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name', 'x-requested-with', 'authorization'];

/** Errors that the draft "GraphQL over HTTP" answers with 200 to clients that take `application/json` only. */
const requestErrorCodes = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

export interface GraphQLServerOptions {
  schema: GraphQLSchema;
  introspection: 'staff' | 'off';
  logger: Logger;
  /** Told of each operation: the code is that of its first error, or `OK`. */
  onOperation?: ((fact: { name: string; type: string; code: string; durationMs: number }) => void) | undefined;
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
  logger,
  onOperation,
}: GraphQLServerOptions): ApolloServerPlugin<GraphContext> {
  // There is nothing in these lines to be looked through for secrets.
  const operationLog = logger.child({}, { redact: { paths: [] } });
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      let cost: number | undefined;
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          if (!operation) return;
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
          const { response, errors, contextValue: context, operationName, operation } = requestContext;
          if (response.body.kind !== 'single') return;
          response.body.singleResult = finishResult(response.body.singleResult, errors, { context, cost, logger });
          softenStatus(requestContext, response.body.singleResult.errors ?? []);
          tellOutage(requestContext, response.body.singleResult.data ?? {});
          const durationMs = performance.now() - startedAt;
          const codes = [...new Set(errors?.map((error) => String(presentError(error).extensions?.code)))];
          onOperation?.({
            name: nameForFigures(operationName, context),
            type: operation?.operation ?? 'none',
            code: codes[0] ?? 'OK',
            durationMs,
          });
          operationLog.info(
            {
              requestId: context.requestId,
              operation: operationName ?? 'anonymous',
              type: operation?.operation,
              accountId: context.viewer.account?.id,
              clientId: context.viewer.clientId,
              codes,
              cost,
              ms: Math.round(durationMs),
            },
            'operation',
          );
        },
      };
    },
  };
}

/** Strangers choose no names of figures. */
function nameForFigures(name: string | null | undefined, { viewer }: GraphContext): string {
  if (!name) return 'anonymous';
  return viewer.via === 'nobody' ? 'other' : name;
}

function softenStatus(
  { request, response }: GraphQLRequestContext<GraphContext>,
  errors: readonly { extensions?: Record<string, unknown> }[],
): void {
  const accept = request.http?.headers.get('accept') ?? '';
  if (response.http.status !== 400 || accept.includes('application/graphql-response+json')) return;
  if (errors.every((error) => requestErrorCodes.has(String(error.extensions?.code)))) response.http.status = 200;
}

/** An operation that nothing came of because the database is away is answered as such, so that whoever stands between can tell. */
function tellOutage({ response, errors }: GraphQLRequestContext<GraphContext>, data: Record<string, unknown>): void {
  const outage = errors?.map(causeOf).find((cause) => cause instanceof DatabaseUnavailableError);
  if (!outage || Object.values(data).some((value) => value !== null)) return;
  response.http.status = outage.httpStatus;
  response.http.headers.set('retry-after', String(outage.retryAfterSeconds));
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
