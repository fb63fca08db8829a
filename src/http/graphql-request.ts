import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';

/** A request of the web server as Apollo reads it. Names of headers are lower-case already. */
export function readGraphQLRequest(request: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const search = request.url.indexOf('?');
  return {
    method: request.method,
    headers,
    search: search === -1 ? '' : request.url.slice(search),
    body: request.body,
  };
}

/** Answers with errors only, where no operation came to run: in the shape that GraphQL clients read. */
export function sendErrors(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  errors: GraphQLFormattedError[],
): FastifyReply {
  const takesDraftType = request.headers.accept?.includes('application/graphql-response+json');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(`${takesDraftType ? 'application/graphql-response+json' : 'application/json'}; charset=utf-8`)
    .send(JSON.stringify({ errors }));
}
