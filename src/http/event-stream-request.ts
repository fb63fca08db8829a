import type { FastifyRequest } from 'fastify';
import type { SubscribePayload } from 'graphql-ws';
import { AppError } from '../errors.js';

/** A request that gets no stream of events. */
export class RefusedStreamError extends AppError {
  override readonly name = 'RefusedStreamError';
  constructor(
    readonly httpStatus: 400 | 403 | 405 | 406 | 503,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const eventStreamType = 'text/event-stream';
/** No page of another site can send these without being asked first (Fetch Standard, CORS protocol). */
const preflightHeaders = ['authorization', 'apollo-require-preflight', 'x-apollo-operation-name', 'x-requested-with'];

/**
 * Reads the operation of a request for an event stream: a POST of JSON, or a GET with the same in its query string.
 *
 * @param allowedOrigins - web origins whose pages may come by cookie
 * @throws {@link RefusedStreamError} when it asks for no stream, may come from another site's page, or is not understood
 */
export function readStreamRequest(request: FastifyRequest, allowedOrigins: readonly string[]): SubscribePayload {
  const accept = request.headers.accept ?? '';
  if (!accept.includes(eventStreamType))
    throw new RefusedStreamError(406, 'NOT_ACCEPTABLE', `This address answers with ${eventStreamType} only.`);
  if (!isFromKnownPage(request, allowedOrigins))
    throw new RefusedStreamError(403, 'FORBIDDEN', 'This looks like a request of another site’s page.');
  const asked = request.method === 'GET' ? readSearch(request.query) : request.body;
  if (!isRecord(asked)) throw badRequest('The operation is missing.');
  const { query, operationName, variables } = asked;
  if (typeof query !== 'string') throw badRequest('`query` is missing.');
  if (operationName != null && typeof operationName !== 'string') throw badRequest('`operationName` is no text.');
  if (variables != null && !isRecord(variables)) throw badRequest('`variables` is no object.');
  return { query, ...(operationName != null && { operationName }), ...(variables != null && { variables }) };
}

/**
 * Whether the request proves that no page of another site sent it: by something that browsers ask for first, or by what they say of
 * the page. The latter is all that their `EventSource` offers.
 */
function isFromKnownPage({ method, headers }: FastifyRequest, allowedOrigins: readonly string[]): boolean {
  if (headers.cookie === undefined) return true;
  if (headers.origin !== undefined) return allowedOrigins.includes(headers.origin);
  if (method === 'POST' || preflightHeaders.some((name) => headers[name] !== undefined)) return true;
  return headers['sec-fetch-site'] === 'same-origin';
}

function readSearch(search: unknown): unknown {
  if (!isRecord(search) || typeof search.variables !== 'string') return search;
  try {
    return { ...search, variables: JSON.parse(search.variables) };
  } catch {
    throw badRequest('`variables` is no JSON.');
  }
}

function badRequest(message: string): RefusedStreamError {
  return new RefusedStreamError(400, 'BAD_REQUEST', message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
