import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import {
  AppError,
  DatabaseUnavailableError,
  type UpstreamRejectedError,
  type UpstreamUnavailableError,
} from '../errors.js';
import type { Logger } from '../logger.js';

/** Codes of GraphQL itself and of the server in front of it that clients may see as they are. */
const protocolCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'OPERATION_TOO_COSTLY',
  'UNAUTHENTICATED',
  'FORBIDDEN',
]);

/** What the other authorization vocabularies call FORBIDDEN. */
const renamedCodes: Record<string, string> = { UNAUTHORIZED: 'FORBIDDEN' };

/**
 * What a client sees of an error, whatever the transport: our own errors with their code and extensions, those of the
 * protocol with their code, anything else masked. Positions and path stay; what a library adds beside them does not.
 *
 * @param requestId - shown with a masked error, so that it can be found in the log
 */
export function presentError(error: GraphQLError, requestId?: string): GraphQLFormattedError {
  const { locations, path } = error;
  const at = { ...(locations && { locations }), ...(path && { path }) };
  const cause = causeOf(error);
  if (cause instanceof AppError && cause.expose)
    return { message: cause.message, ...at, extensions: { code: cause.code, ...cause.extensions() } };
  const code = protocolCodeOf(error, cause);
  if (code) return { message: error.message, ...at, extensions: { code } };
  return {
    message: 'Internal server error',
    ...at,
    extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, ...(requestId && { requestId }) },
  };
}

/** What is behind a GraphQL error: the error that a resolver threw, or nothing when GraphQL itself complains. */
export function causeOf(error: unknown): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError) cause = cause.originalError;
  return cause;
}

function protocolCodeOf(error: GraphQLError, cause: unknown): string | undefined {
  const given = typeof error.extensions.code === 'string' ? error.extensions.code : undefined;
  const code = given && (renamedCodes[given] ?? given);
  if (code) return protocolCodes.has(code) ? code : undefined;
  // Without a path nothing was resolved yet: the request itself was wrong, e.g. a variable of the wrong type.
  return cause === undefined && error.path === undefined ? 'BAD_USER_INPUT' : undefined;
}

/** Writes the errors of one operation to the log, each fault once however many fields it struck. */
export function reportErrors(errors: readonly GraphQLError[], logger: Logger): void {
  const reported = new Set<unknown>();
  for (const error of errors) {
    const cause = causeOf(error) ?? error;
    if (reported.has(cause)) continue;
    reported.add(cause);
    const path = error.path?.join('.');
    if (cause instanceof AppError)
      logger[levelOf(cause)]({ code: cause.code, path, ...detailOf(cause) }, cause.message);
    else if (protocolCodeOf(error, causeOf(error))) logger.debug({ path }, error.message);
    else logger.error({ err: cause, path }, 'an operation failed for a reason of our own');
  }
}

function levelOf(error: AppError): 'debug' | 'info' | 'warn' {
  if (isUpstreamError(error) || error instanceof DatabaseUnavailableError) return 'warn';
  return error.code === 'FORBIDDEN' || error.code === 'CONFLICT' || error.code === 'RATE_LIMITED' ? 'info' : 'debug';
}

function detailOf(error: AppError): Record<string, unknown> {
  if (error instanceof DatabaseUnavailableError) return { reason: error.cause };
  if (!isUpstreamError(error)) return {};
  return { upstream: error.upstream, status: error.status, ...('why' in error && { why: error.why }) };
}

function isUpstreamError(error: AppError): error is UpstreamUnavailableError | UpstreamRejectedError {
  return 'upstream' in error;
}
