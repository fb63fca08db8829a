import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError,
  DatabaseUnavailableError,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamUnavailableError,
} from '../errors.js';

/** What a caller may know of an error. */
export interface ErrorAnswer {
  status: number;
  code: string;
  message: string;
  extensions: Record<string, unknown>;
}

/** Renders an error for a person; given by the pages. `headers` are those of the request: they tell the language. */
export type RenderError = (answer: ErrorAnswer & { requestId: string; headers: IncomingHttpHeaders }) => string;

const messages: Record<number, { code: string; message: string }> = {
  400: { code: 'BAD_REQUEST', message: 'The request could not be understood.' },
  404: { code: 'NOT_FOUND', message: 'There is nothing at this address.' },
  405: { code: 'METHOD_NOT_ALLOWED', message: 'This address does not take that method.' },
  408: { code: 'REQUEST_TIMEOUT', message: 'The request took too long to arrive.' },
  413: { code: 'PAYLOAD_TOO_LARGE', message: 'The request body is too large.' },
  414: { code: 'URI_TOO_LONG', message: 'The address is too long.' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'This content type is not accepted here.' },
  503: { code: 'UNAVAILABLE', message: 'Portico is starting or stopping; try again in a moment.' },
};

/**
 * Turns anything thrown into what may be told: our own errors as they are, the web server's by their status, the rest masked.
 */
export function describeError(error: unknown): ErrorAnswer {
  if (error instanceof AppError && error.expose)
    return { status: error.httpStatus, code: error.code, message: error.message, extensions: error.extensions() };
  const status = statusOf(error);
  const known = messages[status];
  if (known) return { status, ...known, extensions: {} };
  if (status < 500) return { status, code: 'BAD_REQUEST', message: 'The request was refused.', extensions: {} };
  return {
    status: 500,
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong here. It was recorded; the request id helps to find it.',
    extensions: {},
  };
}

/** Answers every error of every route, as JSON or as a page, and logs those that nobody expected. */
export function registerErrorAnswers(app: FastifyInstance, renderError: RenderError): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const answer = describeError(error);
    if (error instanceof DatabaseUnavailableError) request.log.warn({ reason: error.cause }, 'the database is away');
    else if (answer.status >= 500 && !(error instanceof AppError)) request.log.error({ err: error }, 'request failed');
    return sendError(request, reply, answer, error, renderError);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, describeError({ statusCode: 404 }), undefined, renderError),
  );
}

/** @returns whole seconds after which trying again makes sense, for `Retry-After`, when the error knows */
export function retryAfterOf(error: unknown): number | undefined {
  if (
    error instanceof RateLimitedError ||
    error instanceof UpstreamUnavailableError ||
    error instanceof DatabaseUnavailableError
  )
    return error.retryAfterSeconds === undefined ? undefined : Math.ceil(error.retryAfterSeconds);
  return undefined;
}

function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ErrorAnswer,
  error: unknown,
  renderError: RenderError,
): FastifyReply {
  const waitSeconds = retryAfterOf(error);
  if (waitSeconds !== undefined) reply.header('retry-after', waitSeconds);
  reply.header('cache-control', 'no-store');
  if (prefersHtml(request)) {
    if (error instanceof UnauthenticatedError && request.method === 'GET')
      return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
    return reply
      .code(answer.status)
      .type('text/html; charset=utf-8')
      .send(renderError({ ...answer, requestId: request.id, headers: request.headers }));
  }
  if (error instanceof UnauthenticatedError) reply.header('www-authenticate', error.challenge);
  return reply.code(answer.status).send({
    error: { code: answer.code, message: answer.message, ...answer.extensions, requestId: request.id },
  });
}

/** A browser names `text/html`; everything else gets JSON. */
function prefersHtml(request: FastifyRequest): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? '');
}

function statusOf(error: unknown): number {
  const status = error instanceof Object && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}
