import type { FastifyReply } from 'fastify';

/** A request that does not reach the provider. */
export interface PlainAnswer {
  status: 400 | 405 | 413 | 421;
  /** For a developer; says nothing of the request's own content. */
  description: string;
  headers?: Record<string, string>;
}

/** Answers in the form of the OAuth error response (RFC 6749 5.2). */
export function answerRequestError(reply: FastifyReply, { status, description, headers }: PlainAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .send({ error: 'invalid_request', error_description: description });
}
